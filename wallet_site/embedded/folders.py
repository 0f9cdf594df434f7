"""Who may enter the data folder and read what is in it: its owner; PostgreSQL's part, the user it runs as."""

import hashlib
import os
import tempfile
from pathlib import Path

from wallet_site.embedded.errors import CannotStart
from wallet_site.embedded.programs import Service

SOCKET_NAME = ".s.PGSQL.5432"
SOCKET_PATH_LIMIT = 100  # bytes; systems allow 104 to 108, with a final NUL


def make_data_dir(data_dir: Path) -> None:
    """For us alone. Raises CannotStart where it cannot be made or written to."""
    try:
        data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=data_dir):
            pass
    except OSError as error:
        raise CannotStart(f"The data folder {data_dir} cannot be written to: {error.strerror}.") from error


def make_private(folder: Path, service: Service) -> None:
    """A folder that only the service user (and root) can enter. Nobody else's, and no link to elsewhere.

    Raises CannotStart.
    """
    folder.mkdir(mode=0o700, exist_ok=True)
    try:
        descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
    except OSError as error:
        raise CannotStart(f"{folder} is not a folder that can be used: {error.strerror}.") from error
    try:
        if os.fstat(descriptor).st_uid not in (service.uid, os.geteuid()):
            raise CannotStart(f"{folder} belongs to somebody else: remove it, or set another DATA_DIR.")
        os.fchown(descriptor, service.uid, service.gid)
        os.fchmod(descriptor, 0o700)
    finally:
        os.close(descriptor)


def socket_folder(folder: Path, service: Service) -> Path:
    """Beside the data, or where that path is too long for a socket, in the system's temporary folder."""
    beside = folder / "socket"
    if len(os.fsencode(beside / SOCKET_NAME)) <= SOCKET_PATH_LIMIT:
        return beside
    name = hashlib.sha256(os.fsencode(folder)).hexdigest()[:16]
    return Path(tempfile.gettempdir()).resolve() / f"twofold-{service.uid}-{name}"


def write_private(path: Path, text: str, owner: Service | None = None) -> None:
    """Whole or not at all, and for its owner only: us when none is named."""
    descriptor, name = tempfile.mkstemp(dir=path.parent)
    with open(descriptor, "w") as file:
        file.write(text)
        if owner and owner.is_another:
            os.fchown(file.fileno(), owner.uid, owner.gid)
    os.replace(name, path)
