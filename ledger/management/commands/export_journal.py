from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import DataError

from ledger import journal
from ledger.snapshot import snapshot
from ledger.verify.ground import Unsound


class Command(BaseCommand):
    help = "Exports the whole journal in Beancount's format, with a balance assertion for each account."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--output", type=Path, metavar="FILE", help="default: standard output")

    def handle(self, *args: Any, output: Path | None, **options: Any) -> None:
        try:
            with snapshot() as cursor:
                if output is None:
                    for line in journal.lines(cursor):
                        self.stdout.write(line)
                else:
                    with output.open("w", encoding="utf-8") as file:
                        file.writelines(f"{line}\n" for line in journal.lines(cursor))
        except (Unsound, DataError) as error:
            raise CommandError(f"The journal is not complete. {error}") from error
