import os
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import DatabaseError

from ledger import checkpoint
from ledger.log import following, signing
from ledger.snapshot import snapshot
from ledger.verify.ground import Unsound


class Command(BaseCommand):
    help = (
        "Writes a signed checkpoint of the books to FILE, and signs and publishes one of the log over transfers."
        " Keep the file where nobody who has the database can change it."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path, metavar="FILE")

    def handle(self, *args: Any, file: Path, **options: Any) -> None:
        key = signing_key()
        unfinished = file.with_name(f".{file.name}.unfinished")
        try:
            with snapshot() as cursor, unfinished.open("w", encoding="ascii") as output:
                statement = checkpoint.write(cursor, key, output)
                output.flush()
                os.fsync(output.fileno())
            unfinished.replace(file)
        except (OSError, Unsound) as error:
            unfinished.unlink(missing_ok=True)
            raise CommandError(str(error)) from error
        self.stdout.write(
            f"{file}: {statement['accounts']:,} accounts, {statement['entries']:,} entries, root {statement['root']}"
        )
        self.stdout.write(f"public key {statement['public_key']}")
        self.sign_the_log(key)

    def sign_the_log(self, key: Ed25519PrivateKey) -> None:
        """All of it: what the worker has not appended yet, too."""
        try:
            while following.run():
                pass
            signed = signing.sign(key)
        except DatabaseError as error:
            raise CommandError(f"The file is written. The log over transfers cannot be signed: {error}") from error
        if signed is None:
            self.stdout.write("the log over transfers: nothing in it yet")
        else:
            self.stdout.write(f"the log over transfers: {signed.size:,} leaves, checked with {signed.verifier}")


def signing_key() -> Ed25519PrivateKey:
    """From the environment, never from the database. Raises CommandError."""
    if not settings.CHECKPOINT_KEY:
        raise CommandError("CHECKPOINT_KEY is not set: base64url of 32 random bytes.")
    try:
        return checkpoint.private_key(settings.CHECKPOINT_KEY)
    except ValueError as error:
        raise CommandError("CHECKPOINT_KEY is not base64url of 32 bytes.") from error
