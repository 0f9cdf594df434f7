import sys
import time
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from ledger import checkpoint as checkpoints
from ledger import verify
from ledger.management.commands.checkpoint import signing_key
from ledger.snapshot import snapshot
from ledger.verify.ground import Unsound


class Command(BaseCommand):
    help = "Proves the books, or names what is wrong with them: exit status 1 then. Blocks no payment."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--checkpoint", type=Path, metavar="FILE", help="prove too that nothing before it was rewritten"
        )
        parser.add_argument("--public-key", help="who signed it, base64url; default: CHECKPOINT_KEY's")

    def handle(self, *args: Any, checkpoint: Path | None, public_key: str | None, **options: Any) -> None:
        started, found, self.entries = time.monotonic(), 0, 0
        with snapshot() as cursor:
            for fault in verify.faults(cursor, self.progress):
                found += 1
                self.stdout.write(f"FAULT {fault}")
            if checkpoint:
                found += self.compare(cursor, checkpoint, public_key)
        seconds = time.monotonic() - started
        self.stdout.write(f"{self.entries:,} entries in {seconds:.1f} s ({self.entries / seconds:,.0f} a second)")
        if found:
            self.stdout.write(self.style.ERROR(f"The books are WRONG: {found:,} faults."))
            sys.exit(1)
        self.stdout.write(self.style.SUCCESS("The books are right."))

    def compare(self, cursor: Any, path: Path, public_key: str | None) -> int:
        found = 0
        try:
            key = checkpoints.public_key(public_key) if public_key else signing_key().public_key()
            with path.open(encoding="ascii") as file:
                for fault in checkpoints.verify(cursor, key, file):
                    found += 1
                    self.stdout.write(f"FAULT {fault}")
        except (checkpoints.BadCheckpoint, Unsound, OSError, ValueError) as error:
            raise CommandError(f"{path}: {error}") from error
        return found

    def progress(self, done: int, total: int) -> None:
        self.entries = done
        if sys.stderr.isatty():
            self.stderr.write(f"\r{done:,} of {total:,} entries", ending="" if done < total else "\n")
