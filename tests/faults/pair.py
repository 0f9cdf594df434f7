"""Two real servers: a primary and its synchronous standby, copied by pg_basebackup from the test run's own one."""

import contextlib
import os
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import psycopg
from django.db import connections
from psycopg.rows import scalar_row

from tests.postgres import ignore, throw_away_folder
from tests.running import wait_for
from wallet_site.embedded.cluster import Cluster
from wallet_site.embedded.folders import make_data_dir, write_private
from wallet_site.embedded.programs import last_line, program
from wallet_site.embedded.roles import Urls

BOTH = ["default", "serializable"]
CANCEL, TERMINATE = "pg_cancel_backend", "pg_terminate_backend"
SECONDS = 30  # to wait for anything

PRIMARY = {
    "synchronous_standby_names": "*",
    # The server's own word, which a payment must not go by: no wait, and no warning when there was one.
    "synchronous_commit": "off",
    "client_min_messages": "error",
    "wal_retrieve_retry_interval": "100ms",
}


class Server(Cluster):
    """A copy of another server, with the same passwords."""

    urls: Urls

    def copy(self, passwords: str, source: str, *options: str) -> None:
        """From the server at the URL `source`. Raises AssertionError with what pg_basebackup said."""
        make_data_dir(self.data_dir)
        service = self.claim_folder()
        write_private(self.passwords_file, passwords)
        copied = service.run(
            program("pg_basebackup"), "--dbname", source, "--pgdata", str(self.pgdata),
            "--checkpoint=fast", "--no-sync", *options, cwd=self.folder,
        )  # fmt: skip
        assert copied.returncode == 0, last_line(copied.stdout)

    def begin(self) -> None:
        self.urls = self.start()

    def set(self, **values: str) -> None:
        for name, value in values.items():
            self.ask(f"ALTER SYSTEM SET {name} = '{value}'")
        self.ask("SELECT pg_reload_conf()")

    def ask(self, query: str, *params: Any, database: str = "postgres") -> Any:
        """The first column of each row, asked by the superuser, who waits for no standby."""
        with psycopg.connect(self.urls.superuser, dbname=database, autocommit=True, row_factory=scalar_row) as there:
            there.execute("SET synchronous_commit = local")
            asked = there.execute(query, params)
            return asked.fetchall() if asked.description else []

    @property
    def socket(self) -> str:
        return parse_qs(urlsplit(self.urls.superuser).query)["host"][0]


class Pair:
    """`primary` commits when `standby` has it too."""

    def __init__(self, primary: Server, standby: Server) -> None:
        self.primary, self.standby = primary, standby

    def make(self) -> None:
        origin = Path(os.environ["DATA_DIR"])
        passwords = (origin / "postgres.passwords").read_text()
        self.primary.copy(passwords, os.environ["SUPERUSER_DATABASE_URL"])
        self.primary.begin()
        self.primary.set(**PRIMARY)
        self.standby.copy(passwords, self.primary.urls.superuser, "--write-recovery-conf")
        self.standby.begin()
        self.wait_until_synchronous()

    def wait_until_synchronous(self) -> None:
        synchronous = "SELECT 1 FROM pg_stat_replication WHERE sync_state = 'sync' AND state = 'streaming'"
        wait_for(lambda: bool(self.primary.ask(synchronous)), SECONDS)

    def lose_the_standby(self) -> None:
        self.standby.stop()
        wait_for(lambda: not self.primary.ask("SELECT 1 FROM pg_stat_replication"), SECONDS)

    def get_the_standby_back(self) -> None:
        self.standby.begin()
        self.wait_until_synchronous()

    def fail_over(self) -> None:
        """The primary is gone for good; the standby takes its place, alone."""
        self.primary.stop()
        if not self.standby.is_running():
            self.standby.begin()
        self.standby.set(synchronous_standby_names="")
        assert self.standby.ask("SELECT pg_promote()") == [True]

    @contextlib.contextmanager
    def cutting_short(self, how: str = CANCEL) -> Iterator[list[int]]:
        """Meanwhile each wait for the standby is cut short as soon as it is seen; yields their process ids."""
        ended, seen = threading.Event(), []

        def cut() -> None:
            with psycopg.connect(self.primary.urls.superuser, dbname="postgres", autocommit=True) as there:
                while not ended.wait(0.01):
                    for (pid,) in there.execute("SELECT pid FROM pg_stat_activity WHERE wait_event = 'SyncRep'"):
                        there.execute(f"SELECT {how}(%s)", [pid])
                        seen.append(pid)

        thread = threading.Thread(target=cut)
        thread.start()
        try:
            yield seen
        finally:
            ended.set()
            thread.join()


def lead_to(server: Server, **options: str) -> None:
    """Moves the site's two doors to this server, from the next query on."""
    for alias in BOTH:
        connections[alias].close()
        connections[alias].settings_dict["OPTIONS"].update({"host": server.socket, **options})


@contextlib.contextmanager
def doors() -> Iterator[None]:
    """At its end both doors lead where they led before."""
    before = {alias: dict(connections[alias].settings_dict) for alias in BOTH}
    options = {alias: dict(connections[alias].settings_dict["OPTIONS"]) for alias in BOTH}
    try:
        yield
    finally:
        for alias in BOTH:
            connections[alias].close()
            connections[alias].settings_dict.clear()
            connections[alias].settings_dict.update(before[alias] | {"OPTIONS": options[alias]})


@contextlib.contextmanager
def pair() -> Iterator[Pair]:
    with contextlib.ExitStack() as stack:
        servers = []
        for _ in range(2):
            server = Server(stack.enter_context(throw_away_folder()), throw_away=True, say=ignore)
            stack.callback(server.stop)
            servers.append(server)
        made = Pair(*servers)
        made.make()
        yield made
