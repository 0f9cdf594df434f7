"""On small, analysed tables PostgreSQL likes to read all of them. At SERIALIZABLE that locks them against everybody."""

from uuid import UUID, uuid4

import pytest
from django.db import connections

from ledger import numbers
from ledger.db import ALIAS, serializable
from ledger.models import Account, Kind
from ledger.posting import Order, post, reverse
from tests.ledger.books import BOTH, between, order, user

pytestmark = pytest.mark.django_db(transaction=True, databases=BOTH)

WHOLE_TABLES = """
SELECT relation::regclass::text FROM pg_locks
WHERE pid = pg_backend_pid() AND mode = 'SIReadLock' AND locktype = 'relation'"""
# What PostgreSQL would choose were it not told: the site's second door, and the rules in the database, each tell it.
FREE = "SET enable_seqscan = on"
INSERT = """
INSERT INTO ledger_transfer (id, debit_account_id, credit_account_id, amount, currency, kind, memo, reverses_id, posted_at)
VALUES (%s, %s, %s, 1, 'EUR', 'payment', '', %s, clock_timestamp())"""


@pytest.fixture(params=[5, 30, 100])
def wallets(request: pytest.FixtureRequest) -> list[Account]:
    opened = Account.objects.bulk_create(
        Account(number=numbers.new(), name=uuid4().hex, kind=Kind.LIABILITY, currency="EUR", floor=0)
        for _ in range(request.param)
    )
    cash = Account.objects.system("cash")
    post([Order(id=uuid4(), debit=cash, credit=wallet, amount=1000, kind="deposit") for wallet in opened])
    execute("default", "ANALYZE ledger_account, ledger_transfer, ledger_entry, accounts_user")
    return opened


def execute(alias: str, statement: str, params: list[object] | None = None) -> list[tuple[object, ...]]:
    with connections[alias].cursor() as cursor:
        cursor.execute(statement, params)
        return cursor.fetchall() if cursor.description else []


def whole_tables_locked() -> set[object]:
    return {row[0] for row in execute(ALIAS, WHOLE_TABLES)}


def test_a_payment_promises_nothing_about_a_whole_table(wallets: list[Account]) -> None:
    ada = user("ada1815")
    locked: set[object] = set()
    first = post([between(wallets, 1)])[0]

    def pay(*orders: Order) -> set[object]:
        post(orders)
        return whole_tables_locked()

    for _ in range(8):  # past the switch to generic plans
        locked |= serializable(lambda: pay(between(wallets, 1, initiated_by=ada)))
        locked |= serializable(lambda: pay(between(wallets, 1, batch=uuid4()), between(wallets, 1)))
    mirror = order(wallets[0], wallets[1], 1)
    back = {"debit": first.credit_account_id, "credit": first.debit_account_id, "reverses": first}
    locked |= serializable(lambda: pay(Order(id=uuid4(), amount=1, kind="reversal", **back)))
    locked |= serializable(lambda: pay(mirror))
    assert locked == set()


def test_neither_do_the_rules_of_the_database_whoever_writes(wallets: list[Account]) -> None:
    alice, bob = wallets[0].pk, wallets[1].pk
    execute(ALIAS, FREE)
    try:
        for _ in range(8):
            paid = uuid4()
            assert serializable(lambda paid=paid: written(paid, alice, bob)) == set()
            assert serializable(lambda paid=paid: written(uuid4(), bob, alice, paid)) == set()
    finally:
        connections[ALIAS].close()


def written(id: UUID, debit: int, credit: int, reverses: UUID | None = None) -> set[object]:
    execute(ALIAS, INSERT, [id, debit, credit, reverses])
    return whole_tables_locked()


def test_the_lock_is_found_by_this_test(wallets: list[Account]) -> None:
    """The control: the statement that locks the accounts, with PostgreSQL left to choose."""

    def careless() -> set[object]:
        execute(ALIAS, "SET LOCAL enable_seqscan = on")
        post([between(wallets, 1)])
        return whole_tables_locked()

    assert "ledger_account" in serializable(careless)


def test_a_reversal_finds_its_original_by_key(wallets: list[Account]) -> None:
    (first,) = post([order(wallets[0], wallets[1], 1)])
    reverse(first, id=uuid4())
