"""Who may connect to the embedded database: its roles, the database they share, and the URL of each."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

import psycopg
from psycopg import sql

SUPERUSER, OWNER_ROLE, SITE_ROLE, DATABASE = "postgres", "wallet_owner", "wallet_site", "wallet"


@dataclass(frozen=True)
class Urls:
    """Where to connect, as libpq URLs: as the owner of the tables, as the site, and as the superuser (tests only)."""

    owner: str
    site: str
    superuser: str


def urls_of(passwords: Mapping[str, str], socket_folder: Path) -> Urls:
    owner, site, superuser = (
        database_url(role, passwords[role], socket_folder) for role in (OWNER_ROLE, SITE_ROLE, SUPERUSER)
    )
    return Urls(owner=owner, site=site, superuser=superuser)


def database_url(role: str, password: str, socket_folder: Path) -> str:
    return f"postgresql://{role}:{quote(password, safe='')}@/{DATABASE}?host={quote(str(socket_folder), safe='')}"


def make_roles(superuser_url: str, passwords: Mapping[str, str], *, throw_away: bool) -> None:
    """Two roles and the database, the database last: where it exists they are made. What PostgreSQL gives to
    everybody is taken away at each start: an older version may have left some."""
    with psycopg.connect(superuser_url, dbname="postgres", autocommit=True) as connection:
        if connection.execute("SELECT pg_is_in_recovery()").fetchone() == (True,):
            return  # a standby has what its primary has
        if not connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE]).fetchone():
            make_database(connection, passwords, throw_away=throw_away)
        connection.execute(f"REVOKE ALL ON DATABASE {DATABASE} FROM PUBLIC")
        connection.execute("REVOKE TEMPORARY ON DATABASE postgres, template1 FROM PUBLIC")
        connection.execute(f"GRANT CONNECT ON DATABASE {DATABASE} TO {SITE_ROLE}")


def make_database(connection: psycopg.Connection, passwords: Mapping[str, str], *, throw_away: bool) -> None:
    for name in (OWNER_ROLE, SITE_ROLE):
        role, password = sql.Identifier(name), sql.Literal(passwords[name])
        connection.execute(sql.SQL("DROP ROLE IF EXISTS {}").format(role))
        connection.execute(sql.SQL("CREATE ROLE {} LOGIN PASSWORD {}").format(role, password))
    if throw_away:
        # The test runner makes its own database, and empties tables that refuse it.
        connection.execute(f"ALTER ROLE {OWNER_ROLE} CREATEDB")
        connection.execute(f"GRANT SET ON PARAMETER session_replication_role TO {OWNER_ROLE}")
    connection.execute(f"CREATE DATABASE {DATABASE} OWNER {OWNER_ROLE}")
