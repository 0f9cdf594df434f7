"""Django's migrate, run by the owner of the tables; afterwards the site's role gets its rights again."""

import contextlib
from collections.abc import Iterator
from typing import Any

from django.conf import settings
from django.core.management.commands import migrate
from django.db import connections

from wallet_site import grants


class Command(migrate.Command):
    def handle(self, *args: Any, **options: Any) -> None:
        connection = connections[options["database"]]
        with owned(options["database"]):
            super().handle(*args, **options)
            site_role = str(settings.SITE_ROLE)
            if connection.settings_dict["USER"] != site_role and not (options["plan"] or options["check_unapplied"]):
                grants.apply(connection, site_role)


@contextlib.contextmanager
def owned(alias: str) -> Iterator[None]:
    """Inside it, the alias connects as the owner of the tables; nothing changes where the site is the owner."""
    connection = connections[alias]
    sites = connection.settings_dict
    if settings.OWNER_DATABASE["USER"] == sites["USER"]:
        yield
        return
    connection.close()
    owners = connections.configure_settings({"default": dict(settings.OWNER_DATABASE)})["default"]
    connection.settings_dict = owners
    try:
        yield
    finally:
        connection.close()
        connection.settings_dict = sites
