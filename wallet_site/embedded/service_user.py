"""Which system user PostgreSQL runs as. Where root starts it, `as_root` finds or makes one."""

import os
import pwd
from pathlib import Path

from wallet_site.embedded import as_root
from wallet_site.embedded.errors import CannotStart
from wallet_site.embedded.programs import Service


def service_user(folder: Path) -> Service:
    """Ourselves, unless we are root: then whoever owns PostgreSQL's folder already, or else a user for this alone.

    Raises CannotStart.
    """
    if os.geteuid() != 0:
        if folder.exists() and folder.stat().st_uid != os.geteuid():
            raise CannotStart(f"{folder} belongs to another user: run this as before, or set another DATA_DIR.")
        return Service(name=str(os.geteuid()), uid=os.geteuid(), gid=os.getegid())
    if folder.exists() and folder.stat().st_uid != 0:
        found = folder.stat()
        return Service(name=user_name(found.st_uid), uid=found.st_uid, gid=found.st_gid)
    return as_root.system_user()


def user_name(uid: int) -> str:
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return str(uid)
