"""The passwords of the database's roles: made here, and kept in a file for its owner only."""

import json
import secrets
from pathlib import Path

from wallet_site.embedded.errors import CannotStart
from wallet_site.embedded.folders import write_private
from wallet_site.embedded.roles import OWNER_ROLE, SITE_ROLE, SUPERUSER


def kept_or_made(file: Path, pgdata: Path) -> dict[str, str]:
    """The password of each role, made once.

    Raises CannotStart where they no longer lead into `pgdata`, the data that are there.
    """
    if file.exists():
        return kept(file, pgdata)
    if pgdata.exists():
        raise CannotStart(f"{file} is gone, and with it the way into {pgdata}.")
    passwords = {name: secrets.token_urlsafe(32) for name in (SUPERUSER, OWNER_ROLE, SITE_ROLE)}
    write_private(file, json.dumps(passwords))
    return passwords


def kept(file: Path, pgdata: Path) -> dict[str, str]:
    try:
        found = json.loads(file.read_text())
        return {name: str(found[name]) for name in (SUPERUSER, OWNER_ROLE, SITE_ROLE)}
    except (ValueError, TypeError, KeyError) as error:
        raise CannotStart(f"{file} is damaged: it holds the way into {pgdata}.") from error
