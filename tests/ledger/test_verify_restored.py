"""Books that come back from a dump are the same books, by the same rules."""

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import psycopg
import pytest
from django.db import connections
from psycopg.conninfo import make_conninfo

from ledger import verify
from ledger.posting import post, reverse
from ledger.snapshot import snapshot
from ledger.verify.definition import settled
from tests.ledger.books import BOTH, account, order
from wallet_site.embedded.programs import program

pytestmark = pytest.mark.django_db(transaction=True, databases=BOTH)

RESTORED = "restored"


def url(database: str) -> str:
    return make_conninfo(os.environ["OWNER_DATABASE_URL"], dbname=database)


@pytest.fixture
def restored(tmp_path: Path) -> Iterator[None]:
    """The door `default` opened to a database made of a dump of the books; as its owner, as the guide says."""
    wallet, other = account(10), account(0)
    (transfer,) = post([order(wallet, other, 1)])
    reverse(transfer, id=uuid4())
    connection = connections["default"]
    original = connection.settings_dict["NAME"]
    dump = tmp_path / "dump.sql"
    subprocess.run([program("pg_dump"), "--file", dump, url(original)], check=True)
    with psycopg.connect(url("postgres"), autocommit=True) as server:
        server.execute(f"CREATE DATABASE {RESTORED}")
        server.execute(f"REVOKE TEMPORARY ON DATABASE {RESTORED} FROM PUBLIC")
    restore = [program("psql"), "--quiet", "--set=ON_ERROR_STOP=1", "--file", dump, url(RESTORED)]
    subprocess.run(restore, check=True, capture_output=True)
    connection.close()
    connection.settings_dict["NAME"] = RESTORED
    yield
    connection.close()
    connection.settings_dict["NAME"] = original
    with psycopg.connect(url("postgres"), autocommit=True) as server:
        server.execute(f"DROP DATABASE {RESTORED}")


def test_restored_books_are_right(restored: None) -> None:
    with snapshot() as cursor:
        cursor.execute("SELECT count(*) FROM public.ledger_entry")
        assert cursor.fetchone()[0] == 6
        found = [str(fault) for fault in verify.faults(cursor)]
        assert not found, "\n".join(found)


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("CHECK (((a OR b) OR c))", "CHECK ((a OR b OR c))", True),
        ("CHECK ((a AND (b AND c)))", "CHECK ((a AND b AND c))", True),
        ("CHECK (((a OR b) AND c))", "CHECK ((a OR (b AND c)))", False),
        ("CHECK ((NOT (a OR b) OR c))", "CHECK ((NOT a OR b OR c))", False),
        ("CHECK (((a OR b) IS TRUE OR c))", "CHECK ((a OR b IS TRUE OR c))", False),
        ("CHECK ((a = '(') OR b)", "CHECK ((a = ')') OR b)", False),
        ("CHECK ((a = 'x'' OR ''y'))", "CHECK ((a = 'x''  OR ''y'))", False),
        ("CHECK ((a > 0))", "CHECK ((a >= 0))", False),
        (
            "CHECK (((a)::text = ANY ((ARRAY['x'::character varying, 'y'::character varying])::text[])))",
            "CHECK (((a)::text = ANY (ARRAY[('x'::character varying)::text, ('y'::character varying)::text])))",
            True,
        ),
    ],
)
def test_two_texts_are_one_rule_only_where_they_mean_the_same(one: str, other: str, same: bool) -> None:
    assert (settled(one) == settled(other)) is same
