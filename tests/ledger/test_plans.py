"""No statement of a payment may read a whole table: at SERIALIZABLE that would lock it against every other payment."""

from collections.abc import Iterator
from uuid import uuid4

import pytest
from django.db import connections

from ledger import numbers
from ledger.db import ALIAS, serializable
from ledger.models import Account, Kind
from ledger.posting import Order, post, reverse
from tests.ledger.books import BOTH, between, order

pytestmark = pytest.mark.django_db(transaction=True, databases=BOTH)

ROWS = 1_500


@pytest.fixture
def accounts() -> list[Account]:
    """More than 1,000 accounts and transfers, with statistics that say so."""
    opened = Account.objects.bulk_create(
        Account(number=numbers.new(), name=uuid4().hex, kind=Kind.LIABILITY, currency="EUR", floor=0)
        for _ in range(ROWS)
    )
    cash = Account.objects.system("cash")
    post([Order(id=uuid4(), debit=cash, credit=a, amount=1000, kind="deposit") for a in opened])
    with connections["default"].cursor() as cursor:
        cursor.execute("ANALYZE ledger_account, ledger_transfer, ledger_entry")
    return opened


def whole_tables_read() -> dict[str, int]:
    with connections["default"].cursor() as cursor:
        cursor.execute("SELECT pg_stat_force_next_flush()")
        cursor.execute("SELECT relname, seq_scan FROM pg_stat_user_tables WHERE n_live_tup > 1000 ORDER BY relname")
        return dict(cursor.fetchall())


def whole_tables_locked() -> set[str]:
    """Relations that the transaction under way has promised PostgreSQL nobody else changed, as a whole."""
    with connections[ALIAS].cursor() as cursor:
        cursor.execute(
            "SELECT relation::regclass::text FROM pg_locks WHERE pid = pg_backend_pid() AND mode = 'SIReadLock' AND locktype = 'relation'"
        )
        return {row[0] for row in cursor.fetchall()}


def flush_statistics() -> None:
    with connections[ALIAS].cursor() as cursor:
        cursor.execute("SELECT pg_stat_force_next_flush()")


def work(accounts: list[Account]) -> Iterator[list[Order]]:
    yield [between(accounts, 1)]
    yield [between(accounts, 1) for _ in range(100)]
    yield [between(accounts, 1, batch=uuid4())]


def test_a_payment_reads_rows_by_key_and_nothing_else(accounts: list[Account]) -> None:
    flush_statistics()
    before = whole_tables_read()
    assert set(before) >= {"ledger_account", "ledger_entry", "ledger_transfer"}
    for orders in work(accounts):
        for _ in range(8):  # past psycopg's and PostgreSQL's switch to prepared and generic plans
            fresh = [order(o.debit, o.credit, 1, batch=o.batch) for o in orders]  # type: ignore[arg-type]

            def posting(fresh: list[Order] = fresh) -> set[str]:
                post(fresh)
                flush_statistics()
                return whole_tables_locked()

            locked = serializable(posting)
            # Many single rows are locked as the whole table too, so this can be told of one payment only.
            assert len(orders) > 1 or locked <= {"accounts_user"}
    (transfer,) = post([between(accounts, 1)])
    post([between(accounts, 1)])
    reverse(transfer, id=uuid4())
    flush_statistics()
    assert whole_tables_read() == before


def test_the_lock_is_found_by_this_test(accounts: list[Account]) -> None:
    """The control: a statement that does read a whole table is seen by both ways of looking."""
    flush_statistics()
    before = whole_tables_read()

    def careless() -> set[str]:
        with connections[ALIAS].cursor() as cursor:
            cursor.execute("SELECT sum(balance) FROM ledger_account")
        return whole_tables_locked()

    assert "ledger_account" in serializable(careless)
    flush_statistics()
    assert whole_tables_read()["ledger_account"] == before["ledger_account"] + 1
