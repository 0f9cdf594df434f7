"""What only root needs: another system user for PostgreSQL, and a way for it to the folder and to the programs."""

import grp
import os
import pwd
import shutil
import stat
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

from wallet_site.embedded.errors import CannotStart
from wallet_site.embedded.programs import Service, program

SERVICE_USER = "twofold-db"


# The user


def system_user() -> Service:
    """The one EMBEDDED_POSTGRES_USER names, or else a user for this alone. Raises CannotStart."""
    wanted = os.environ.get("EMBEDDED_POSTGRES_USER", "")
    entry = find_user(wanted) if wanted else find_user(SERVICE_USER) or make_service_user()
    if entry is None or entry.pw_uid == 0:
        raise CannotStart(
            f"PostgreSQL does not run as root, and the system user {wanted or SERVICE_USER} cannot be used: "
            "name another one in EMBEDDED_POSTGRES_USER, or run this as an ordinary user."
        )
    return Service(name=entry.pw_name, uid=entry.pw_uid, gid=entry.pw_gid)


def make_service_user() -> pwd.struct_passwd | None:
    """A system user without a home or a shell; where there is no useradd, the one a PostgreSQL package made."""
    if (useradd := shutil.which("useradd")) is None:
        return find_user("postgres")
    for _ in range(5):  # another process may hold the user list's lock, or be making the same user
        command = [useradd, "--system", "--no-create-home", "--shell", "/usr/sbin/nologin", SERVICE_USER]
        subprocess.run(command, check=False, capture_output=True)
        if entry := find_user(SERVICE_USER):
            return entry
        time.sleep(0.5)
    return find_user("postgres")


def find_user(name: str) -> pwd.struct_passwd | None:
    try:
        return pwd.getpwnam(name)
    except KeyError:
        return None


# Its way


def let_pass(folder: Path, service: Service, *, say: Callable[[str], None]) -> None:
    """Let the service user through (never look into) the folders above PostgreSQL's folder and above its programs,
    where that can be said to it alone. Raises CannotStart where it cannot."""
    for target in (folder, Path(program("postgres"))):
        for parent in reversed(target.parents):
            if not can_pass(parent.stat(), service):
                open_for(parent, service)
                if parent != folder.parent:
                    say(f"{parent} may now be passed, not read, by {service.name}, which runs PostgreSQL.")
    if not can_run(service):
        raise CannotStart(
            f"The system user {service.name} cannot run {program('postgres')}: "
            "make the virtual environment readable for it (chmod -R go+rX .venv), or set DATABASE_URL."
        )


def open_for(folder: Path, service: Service) -> None:
    """By way of the folder's group, unless the folder is another user's, or its group may do something already."""
    found = folder.stat()
    if found.st_uid != os.geteuid() or stat.S_IMODE(found.st_mode) & 0o070:
        raise CannotStart(
            f"The system user {service.name} cannot pass {folder}: make it passable (chmod o+x), "
            "or name a user that can in EMBEDDED_POSTGRES_USER, or set DATABASE_URL."
        )
    os.chown(folder, -1, service.gid)
    folder.chmod(stat.S_IMODE(found.st_mode) | stat.S_IXGRP)


def can_pass(folder: os.stat_result, service: Service) -> bool:
    if folder.st_uid == service.uid:
        return bool(folder.st_mode & stat.S_IXUSR)
    if folder.st_gid == service.gid or service.name in members(folder.st_gid):
        return bool(folder.st_mode & stat.S_IXGRP)
    return bool(folder.st_mode & stat.S_IXOTH)


def members(gid: int) -> list[str]:
    try:
        return grp.getgrgid(gid).gr_mem
    except KeyError:
        return []


def can_run(service: Service) -> bool:
    try:
        return service.run(program("postgres"), "--version", cwd=Path("/")).returncode == 0
    except PermissionError:
        return False
