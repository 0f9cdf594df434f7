"""The bytes of docs/ledger-encoding.md, from Python, from PostgreSQL and from the page itself."""

import hashlib
import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from django.db import connections
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ledger import numbers, verify
from ledger.checkpoint import leaf
from ledger.encoding import transfer_fingerprint
from ledger.models import Account
from ledger.snapshot import snapshot
from tests.ledger.books import BOTH, account

pytestmark = pytest.mark.django_db(transaction=True, databases=BOTH)

PAGE = (Path(__file__).parents[2] / "docs" / "ledger-encoding.md").read_text()
TRANSFER: dict[str, Any] = {
    "id": UUID("f81d4fae-7dec-41d0-a765-00a0c91e6bf6"),
    "debit": 1,
    "credit": 2,
    "amount": 1250,
    "currency": "EUR",
    "kind": "payment",
    "memo": "Łódź",
    "initiated_by": UUID("00112233-4455-4677-8899-aabbccddeeff"),
    "reverses": None,
    "batch": None,
}
POSTED_AT = datetime(2026, 11, 23, 12, 0, 0, 1, tzinfo=UTC)


def vectors(name: str) -> list[bytes]:
    """Every value of that name on the page, in order; bytes go over several lines there."""
    found = re.findall(rf"^  {name} +([0-9a-f]+(?:\n {{16}}[0-9a-f]+)*)$", PAGE, re.MULTILINE)
    return [bytes.fromhex("".join(value.split())) for value in found]


def fingerprint_by_postgresql(transfer: dict[str, Any]) -> bytes:
    with connections["default"].cursor() as cursor:
        types = ("uuid", "bigint", "bigint", "bigint", "text", "text", "text", "uuid", "uuid", "uuid")
        marks = ", ".join(f"%s::{type}" for type in types)
        cursor.execute(f"SELECT ledger_fingerprint({marks})", [transfer[name] for name in TRANSFER])
        return bytes(cursor.fetchone()[0])


def test_a_transfers_fingerprint() -> None:
    (fingerprint,) = vectors("fingerprint")
    assert hashlib.sha256(vectors("bytes")[0]).digest() == fingerprint
    assert transfer_fingerprint(**TRANSFER) == fingerprint
    assert fingerprint_by_postgresql(TRANSFER) == fingerprint


def test_an_entrys_digest() -> None:
    """Written by the real trigger, on accounts that are given the page's ids."""
    digests = vectors("digest")
    assert [hashlib.sha256(each).digest() for each in vectors("bytes")[1:]] == digests
    Account.objects.bulk_create(
        Account(id=id, number=numbers.new(), name=str(id), kind="liability", currency="EUR", floor=None)
        for id in (1, 2)
    )
    columns = "id, debit_account_id, credit_account_id, amount, currency, kind, memo, reverses_id, batch, posted_at"
    values = [v for name, v in TRANSFER.items() if name != "initiated_by"] + [POSTED_AT]
    with connections["serializable"].cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")  # no such user: past the foreign key, and past posting
        cursor.execute(
            f"INSERT INTO ledger_transfer ({columns}, initiated_by_id) VALUES ({'%s, ' * 10}%s)",
            [*values, TRANSFER["initiated_by"]],
        )
        cursor.execute("SET session_replication_role = origin")
        cursor.execute("SELECT pg_get_functiondef('ledger_post'::regproc)")
        body = (
            cursor.fetchone()[0]
            .replace("ledger_post", "ledger_post_again", 1)
            .replace("FROM posted", "FROM public.ledger_transfer")
            .replace("TG_RELID <> 'public.ledger_transfer'", "TG_RELID <> 'public.again'")
        )
        cursor.execute(body.replace("%", "%%"), [])
        try:
            cursor.execute(
                "CREATE TABLE again (); CREATE TRIGGER again AFTER INSERT ON again EXECUTE FUNCTION ledger_post_again()"
            )
            cursor.execute("INSERT INTO again DEFAULT VALUES")
        finally:
            cursor.execute("DROP TABLE IF EXISTS again; DROP FUNCTION ledger_post_again()")
        cursor.execute("SELECT digest FROM ledger_entry ORDER BY account_id")
        assert [bytes(row[0]) for row in cursor.fetchall()] == digests
    with snapshot() as cursor:
        assert {fault.what for fault in verify.faults(cursor)} == {"a transfer was initiated by nobody"}


def test_a_leaf() -> None:
    row = (2, 1, "061234567897", "liability", "EUR", None, "example", 1250, vectors("digest")[1])
    assert vectors("leaf") == [leaf(row)]


texts = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=50)
keys = st.none() | st.uuids(version=4)
whole = st.integers(1, 2**63 - 1)


@settings(max_examples=200, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    st.fixed_dictionaries(
        {
            "id": st.uuids(version=4), "debit": whole, "credit": whole, "amount": whole, "currency": texts, "kind": texts,
            "memo": texts, "initiated_by": keys, "reverses": keys, "batch": keys,
        }
    )
)  # fmt: skip
def test_python_and_postgresql_write_the_same_bytes(transfer: dict[str, Any]) -> None:
    assert fingerprint_by_postgresql(transfer) == transfer_fingerprint(**transfer)


def test_texts_cannot_run_into_each_other() -> None:
    one, other = TRANSFER | {"kind": "ab", "memo": "c"}, TRANSFER | {"kind": "a", "memo": "bc"}
    assert transfer_fingerprint(**one) != transfer_fingerprint(**other)
    assert account(1).head != account(1).head
