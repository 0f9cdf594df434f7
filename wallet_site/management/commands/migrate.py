"""Django's migrate, run by the owner of the tables; afterwards the site's role gets its rights again."""

from typing import Any

from django.core.management.commands import migrate

from wallet_site import grants
from wallet_site.owner import owned


class Command(migrate.Command):
    def handle(self, *args: Any, **options: Any) -> None:
        with owned(options["database"]):
            super().handle(*args, **options)
        if not (options["plan"] or options["check_unapplied"]):
            grants.renew(options["database"])
