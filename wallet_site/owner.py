"""Acting as the owner of the tables, where the site's own role may not and need not be able to."""

import contextlib
import os
from collections.abc import Iterator, Sequence
from typing import Any

from django.conf import settings
from django.db import connections

# They make staff, or write history: what no page does. (migrate takes the owner's place by itself: it needs both.)
OWNERS_COMMANDS = ("createstaff", "createsuperuser", "demo")


def take_owners_place(argv: Sequence[str]) -> None:
    """For manage.py, before the settings are read: one of these commands connects as the owner throughout."""
    owner = os.environ.get("OWNER_DATABASE_URL")
    if owner and len(argv) > 1 and argv[1] in OWNERS_COMMANDS:
        os.environ["DATABASE_URL"] = owner


@contextlib.contextmanager
def owned(*aliases: str) -> Iterator[None]:
    """Inside it, the aliases connect as the owner of the tables; nothing changes where the site is the owner."""
    with contextlib.ExitStack() as stack:
        for alias in aliases:
            stack.enter_context(_owned(alias))
        yield


@contextlib.contextmanager
def _owned(alias: str) -> Iterator[None]:
    connection = connections[alias]
    sites = connection.settings_dict
    if settings.OWNER_DATABASE["USER"] == sites["USER"]:
        yield
        return
    database: dict[str, Any] = dict(settings.OWNER_DATABASE)
    if alias != "default":  # its isolation level, and its timeouts
        database["OPTIONS"] = database["OPTIONS"] | {"options": sites["OPTIONS"]["options"]}
    connection.close()
    connection.settings_dict = connections.configure_settings({"default": database})["default"]
    try:
        yield
    finally:
        connection.close()
        connection.settings_dict = sites
