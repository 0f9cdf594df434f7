"""A pytest plugin: each run gets a PostgreSQL of its own, gone at the end.

It is loaded by `-p` (see pyproject.toml), so that the environment is ready before pytest-django reads the settings.
The tests connect as the owner of the tables; `tests/running.py` runs the site as its own role.
"""

import base64
import contextlib
import fcntl
import os
import secrets
import shutil
import signal
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from wallet_site.embedded.cluster import Cluster
from wallet_site.embedded.roles import SITE_ROLE, Urls

PREFIX = "twofold-test-"
stack = contextlib.ExitStack()


@pytest.hookimpl(wrapper=True)
def pytest_load_initial_conftests(early_config: pytest.Config) -> Iterator[None]:
    early_config.add_cleanup(stack.close)
    # A polite kill ends like Ctrl-C, with everything cleaned up.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    folder = stack.enter_context(throw_away_folder())
    (folder / "static").mkdir()
    urls = stack.enter_context(Cluster(folder, throw_away=True, say=ignore).use())
    os.environ.update(environment(urls) | {"STATIC_ROOT": str(folder / "static"), "DATA_DIR": str(folder)})
    os.environ["SITE_ROLE"] = SITE_ROLE  # so `migrate` gives it its rights, though the owner runs the tests
    return (yield)


def environment(urls: Urls) -> dict[str, str]:
    return {
        "DATABASE_URL": urls.owner,
        "OWNER_DATABASE_URL": urls.owner,
        "SITE_ROLE_DATABASE_URL": urls.site,
        "SUPERUSER_DATABASE_URL": urls.superuser,
        "SECRET_KEY": secrets.token_urlsafe(48),
        "CREDENTIAL_KEYS": "t1:" + base64.urlsafe_b64encode(secrets.token_bytes(32)).decode(),
        "BCRYPT_ROUNDS": "4",
        "SITE_URL": "http://testserver",
        "ALLOWED_HOSTS": "testserver,localhost,127.0.0.1",
        "DEMO": "1",
        "DEBUG": "0",
        "EMAIL_URL": "consolemail://",
        "LOG_LEVEL": "WARNING",
    }


@contextlib.contextmanager
def throw_away_folder() -> Iterator[Path]:
    remove_leftovers()
    folder = Path(tempfile.mkdtemp(prefix=PREFIX))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def ignore(line: str) -> None:
    """A test run's server says nothing."""


def remove_leftovers() -> None:
    """Stop the servers of test runs that were killed: nobody holds their lock any more."""
    for folder in Path(tempfile.gettempdir()).glob(f"{PREFIX}*"):
        if folder.stat().st_uid != os.geteuid() or not (folder / "postgres.users").exists():
            continue
        with open(folder / "postgres.users") as users, contextlib.suppress(BlockingIOError):
            fcntl.flock(users, fcntl.LOCK_EX | fcntl.LOCK_NB)
            Cluster(folder, throw_away=True, say=ignore).stop()
            shutil.rmtree(folder, ignore_errors=True)
