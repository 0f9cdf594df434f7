import os
from collections.abc import Iterator

import psycopg
import pytest
from django.db import connections

from accounts.models import User
from tests.ledger.books import BOTH, user
from wallet_site import grants


@pytest.fixture
def people() -> list[User]:
    return [user("alice"), user("bobby")]


@pytest.fixture
def site(people: list[User]) -> Iterator[str]:
    """Both of Django's doors opened as the site's role, with the rights that `migrate` gives it; its name."""
    url = psycopg.conninfo.conninfo_to_dict(os.environ["SITE_ROLE_DATABASE_URL"])
    role = str(url["user"])
    with connections["default"].cursor() as cursor:
        cursor.execute(f'GRANT CONNECT ON DATABASE "{connections["default"].settings_dict["NAME"]}" TO "{role}"')
    grants.apply(connections["default"], role)
    owner = {alias: dict(connections[alias].settings_dict) for alias in BOTH}
    for alias in BOTH:
        connections[alias].close()
        connections[alias].settings_dict.update(USER=role, PASSWORD=str(url["password"]))
    yield role
    for alias in BOTH:
        connections[alias].close()
        connections[alias].settings_dict.update(owner[alias])


@pytest.fixture
def owner() -> Iterator[psycopg.Connection]:
    """A connection of its own, so that whatever an attack leaves behind goes with it."""
    name = connections["default"].settings_dict["NAME"]
    with psycopg.connect(os.environ["OWNER_DATABASE_URL"], dbname=name) as connection:
        yield connection
        connection.rollback()
