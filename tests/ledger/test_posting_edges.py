"""Rules of post() that only show when something unlikely meets: each fails when its rule is taken out."""

import threading
from collections.abc import Callable, Iterator
from datetime import timedelta
from functools import partial
from uuid import uuid4

import psycopg
import pytest
from django.db import connections
from django.utils import timezone

from ledger import db
from ledger.db import ALIAS, serializable
from ledger.models import Account, Status, Transfer
from ledger.posting import AccountNotOpen, AlreadyReversed, post, preview, reverse
from tests.ledger.books import BOTH, account, balances, counts, order, race
from tests.ledger.test_serializable import AT_A_STATEMENT, failures
from tests.running import wait_for

pytestmark = pytest.mark.django_db(transaction=True, databases=BOTH)

Connect = Callable[[], psycopg.Connection]


@pytest.fixture
def connect() -> Iterator[Connect]:
    """Connections of somebody else, as the tables' owner; whatever they did is rolled back."""
    opened: list[psycopg.Connection] = []

    def another() -> psycopg.Connection:
        opened.append(psycopg.connect(**connections["default"].get_connection_params()))
        return opened[-1]

    yield another
    for connection in opened:
        connection.close()


@pytest.mark.parametrize("ask", [post, preview])
def test_nothing_is_paid_into_a_closed_account(ask: Callable[..., object]) -> None:
    closed, cash = account(), Account.objects.system("cash")
    Account.objects.filter(pk=closed.pk).update(status=Status.CLOSED)
    before = counts()
    with pytest.raises(AccountNotOpen):
        ask([order(cash, closed, 1)])
    assert counts() == before


@pytest.mark.parametrize("ahead_pays", [True, False])
def test_one_account_ahead_of_the_clock_takes_its_partner_along(ahead_pays: bool) -> None:
    ahead, punctual, carol = account(1000), account(1000), account(1000)
    soon = timezone.now() + timedelta(seconds=30)
    post([order(carol, ahead, 1)], at=soon)
    (transfer,) = post([order(ahead, punctual, 1) if ahead_pays else order(punctual, ahead, 1)])
    assert transfer.posted_at == soon
    assert set(transfer.entries.values_list("posted_at", flat=True)) == {soon}


def test_who_gives_up_looks_whether_it_was_posted_all_the_same() -> None:
    alice, bob = account(1000), account()
    payment = order(alice, bob, 400)
    (first,) = post([payment])
    given_up = db.exhausted._value.get()
    with failures(db.ATTEMPTS, AT_A_STATEMENT):
        assert post([payment]) == [first]
    assert db.exhausted._value.get() == given_up + 1
    assert balances(alice, bob) == [600, 400]


def test_a_second_reversal_inside_a_block_can_be_handled_there() -> None:
    """It is the database that refuses it, and without a savepoint that would be the end of the whole block."""
    alice, bob = account(1000), account(1000)
    (transfer,) = post([order(alice, bob, 400)])
    reverse(transfer, id=uuid4())
    consolation = order(alice, bob, 5)

    def work() -> None:
        with pytest.raises(AlreadyReversed):
            reverse(transfer, id=uuid4())
        post([consolation])

    serializable(work)
    assert Transfer.objects.filter(id=consolation.id).exists()
    assert balances(alice, bob) == [995, 1005]


def test_what_was_posted_before_is_found_inside_a_block_too_and_does_not_end_it() -> None:
    alice, bob = account(1000), account()
    everything, after = order(alice, bob, 1000), order(bob, alice, 1)
    (first,) = post([everything])
    assert serializable(lambda: [post([everything])[0].posted_at, post([after])[0].id]) == [first.posted_at, after.id]
    assert balances(alice, bob) == [1, 999]


def test_accounts_are_locked_in_the_order_of_their_ids_however_they_lie_on_the_disk(connect: Connect) -> None:
    """Else two payments could each hold what the other waits for. The second account's row comes first in the table."""
    alice, bob = account(), account(1000)
    post([order(bob, alice, 500)])
    post([order(bob, account(), 1)])
    Account.objects.filter(pk=alice.pk).update(name="moved behind")
    with connections["default"].cursor() as cursor:
        cursor.execute("SELECT id FROM ledger_account WHERE id IN (%s, %s) ORDER BY ctid", [alice.pk, bob.pk])
        assert cursor.fetchall() == [(bob.pk,), (alice.pk,)]
    holder, looker = connect(), connect()
    holder.execute("SELECT FROM ledger_account WHERE id = %s FOR UPDATE", [alice.pk])
    paying = threading.Thread(target=partial(pay_reading_in_the_order_of_the_table, alice, bob))
    paying.start()
    try:
        wait_for(lambda: bool(looker.execute("SELECT 1 FROM pg_locks WHERE NOT granted").fetchone()), 30)
        looker.execute("SELECT FROM ledger_account WHERE id = %s FOR UPDATE NOWAIT", [bob.pk])  # nobody has it yet
    finally:
        looker.rollback()
        holder.rollback()
        paying.join(30)
    assert balances(alice, bob) == [499, 500]


def pay_reading_in_the_order_of_the_table(debit: Account, credit: Account) -> None:
    try:
        with connections[ALIAS].cursor() as cursor:
            cursor.execute("SET enable_seqscan = on; SET enable_indexscan = off; SET enable_bitmapscan = off")
        post([order(debit, credit, 1)])
    finally:
        connections.close_all()


def test_who_pay_each_other_never_deadlock() -> None:
    alice, bob = account(1000), account(1000)
    deadlocks = db.retries.labels("40P01")._value.get()

    def pay(debit: Account, credit: Account) -> None:
        for _ in range(10):
            post([order(debit, credit, 1)])

    assert race([partial(pay, alice, bob), partial(pay, bob, alice)] * 4) == [None] * 8
    assert db.retries.labels("40P01")._value.get() == deadlocks
    assert balances(alice, bob) == [1000, 1000]


@pytest.mark.parametrize(
    ("joining", "statements"), [(False, ["SELECT", "INSERT"]), (True, ["SAVEPOINT", "SELECT", "INSERT", "RELEASE"])]
)
def test_a_payment_takes_no_more_round_trips_than_it_needs(joining: bool, statements: list[str]) -> None:
    payment = order(account(1000), account(), 1)
    seen: list[str] = []

    def note(execute: Callable[..., object], sql: str, *rest: object) -> object:
        seen.append(sql.split()[0])
        return execute(sql, *rest)

    with connections[ALIAS].execute_wrapper(note), connections["default"].execute_wrapper(note):
        if joining:
            serializable(lambda: bool(post([payment])), [])
        else:
            post([payment])
    assert seen[-len(statements) :] == statements
    assert len(seen) <= len(statements) + 1  # and once a second, which accounts are hot


# A trigger of somebody's own passes one half of what marks the one writer, the depth. The other half, the mark, must
# not be left on: not before a real posting, and not after one in the same transaction.

TRICK = (
    "CREATE TABLE trick (); CREATE FUNCTION trick() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN {statement};"
    " RETURN NULL; END $$; CREATE TRIGGER trick AFTER INSERT ON trick EXECUTE FUNCTION trick()"
)
POSTING = (
    "INSERT INTO ledger_transfer (id, debit_account_id, credit_account_id, amount, currency, kind, memo, posted_at)"
    " VALUES (gen_random_uuid(), {alice}, {bob}, 1, 'EUR', 'payment', '', clock_timestamp())"
)
TRICKS = {
    "balance_moves_by_an_entry": "UPDATE ledger_account SET balance = balance + 1 WHERE id = {bob}",
    "entry_is_written_by_its_transfer": (
        "INSERT INTO ledger_entry (account_id, seq, transfer_id, side, amount, balance_after, posted_at, digest)"
        " VALUES ({bob}, 9, gen_random_uuid(), 'credit', 1, 1, now(), decode(repeat('00', 32), 'hex'))"
    ),
}


@pytest.mark.parametrize("posted_before", [False, True])
@pytest.mark.parametrize("rule", TRICKS)
def test_a_trigger_of_ones_own_moves_no_money(rule: str, posted_before: bool, connect: Connect) -> None:
    names = {"alice": account(1000).pk, "bob": account().pk}
    owner = connect()
    owner.execute("SET TRANSACTION ISOLATION LEVEL SERIALIZABLE")
    if posted_before:
        owner.execute(POSTING.format(**names))
    owner.execute(TRICK.format(statement=TRICKS[rule].format(**names)))
    with pytest.raises(psycopg.errors.CheckViolation) as refusal:
        owner.execute("INSERT INTO trick DEFAULT VALUES")
    assert refusal.value.diag.constraint_name == rule
