import os
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import psycopg
import pytest
from django.core.management.commands import flush
from django.db import connections
from django.test import Client
from pytest_django import DjangoDbBlocker

from tests.driver import chromium

if TYPE_CHECKING:
    from accounts.models import User


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Files with a browser in them come last: Playwright keeps an event loop, beside which Django refuses its ORM."""
    last = {item.path for item in items if "playwright" in getattr(item, "fixturenames", ())}
    items.sort(key=lambda item: item.path in last)


@pytest.fixture(scope="session")
def chromium_path() -> str:
    path = chromium.find()
    if path is None:
        reason = f"no browser: none of {', '.join(chromium.NAMES)} is on the PATH"
        if os.environ.get("REQUIRE_BROWSER") == "1":
            pytest.fail(f"REQUIRE_BROWSER=1, but {reason}")
        pytest.skip(reason)
    return path


@pytest.fixture(scope="session")
def browser_type_launch_args(chromium_path: str) -> dict[str, Any]:
    return chromium.options(chromium_path)


@pytest.fixture(scope="session", autouse=True)
def _flush_passes_the_append_only_rules() -> Iterator[None]:
    """Between transactional tests Django empties every table; the books refuse that, so the flush goes past them."""
    plain = flush.Command.handle

    def handle(self: flush.Command, **options: Any) -> None:
        with connections[options["database"]].cursor() as cursor:
            cursor.execute("SET session_replication_role = replica")
            try:
                plain(self, **options)
            finally:
                cursor.execute("SET session_replication_role = origin")

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(flush.Command, "handle", handle)
        yield


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> None:
    """As the guide says: nobody but the owner makes tables in the tests' database, not even temporary ones."""
    with django_db_blocker.unblock(), connections["default"].cursor() as cursor:
        cursor.execute(f'REVOKE TEMPORARY ON DATABASE "{connections["default"].settings_dict["NAME"]}" FROM PUBLIC')


@pytest.fixture
def superuser() -> Iterator[None]:
    """The door `default` opened as PostgreSQL's superuser, whom nothing refuses anything."""
    connection = connections["default"]
    owner = dict(connection.settings_dict)
    url = psycopg.conninfo.conninfo_to_dict(os.environ["SUPERUSER_DATABASE_URL"])
    connection.close()
    connection.settings_dict.update(USER=url["user"], PASSWORD=url["password"])
    yield
    connection.close()
    connection.settings_dict.update(owner)


def _people() -> Any:
    """Models cannot be imported before the settings are read, which is after this file is."""
    from tests import people

    return people


@pytest.fixture
def ada() -> "User":
    return _people().make_customer("ada", "Ada Lovelace")


@pytest.fixture
def grace() -> "User":
    return _people().make_customer("grace", "Grace Hopper")


@pytest.fixture
def charlie() -> "User":
    return _people().make_customer("charlie", "Charlie Babbage")


@pytest.fixture
def as_ada(ada: "User") -> Client:
    return _people().sign_in(ada)


@pytest.fixture
def as_grace(grace: "User") -> Client:
    return _people().sign_in(grace)
