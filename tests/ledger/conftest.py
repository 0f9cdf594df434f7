import os
from collections.abc import Iterator

import psycopg
import pytest
from django.db import connections


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
