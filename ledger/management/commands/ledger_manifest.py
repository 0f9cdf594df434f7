from typing import Any

from django.core.management.base import BaseCommand, CommandError

from ledger.snapshot import snapshot
from ledger.verify import catalogue, rules
from ledger.verify.roles import Roles


class Command(BaseCommand):
    help = (
        "Writes ledger/manifest.json: the rules and rights verify_ledger expects, read from a database that was just"
        " made by the migrations. For whoever changes a rule; see `make manifest`."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        with snapshot() as cursor:
            roles = Roles.of_the_settings(cursor)
            if roles.site is None:
                raise CommandError("The site must be a role of its own here: name it in DATABASE_URL or SITE_ROLE.")
            things = catalogue.read(cursor, roles)
        rules.MANIFEST.write_text(rules.written(things), encoding="utf-8")
        self.stdout.write(f"{rules.MANIFEST}: {len(things)} rules and rights")
