"""Races with real threads and real connections. Each fails when the ledger runs at READ COMMITTED without locks: see the bank."""

import random
import threading
from collections.abc import Callable
from functools import partial

import pytest
from django.db import connections, transaction

from ledger import db, lanes
from ledger.db import serializable
from ledger.models import Account, Entry, HotAccount, Transfer
from ledger.posting import InsufficientFunds, post
from tests.ledger.books import BOTH, account, balances, between, order, race

pytestmark = pytest.mark.django_db(transaction=True, databases=BOTH)


@pytest.mark.asvs("2.3.4", "15.4.2")
def test_fifty_threads_spend_the_whole_balance_and_one_wins() -> None:
    alice, bob = account(1000), account()
    results = race([partial(post, [order(alice, bob, 1000)]) for _ in range(50)])
    assert sum(isinstance(result, list) for result in results) == 1
    assert sum(isinstance(result, InsufficientFunds) for result in results) == 49
    assert balances(alice, bob) == [0, 1000]


def test_one_id_fifty_times_at_once_is_one_transfer() -> None:
    alice, bob = account(1000), account()
    payment = order(alice, bob, 1000)
    results = race([partial(post, [payment]) for _ in range(50)])
    assert results == [[Transfer(id=payment.id)]] * 50
    assert balances(alice, bob) == [0, 1000]


def test_no_deadlock_escapes_when_two_pay_each_other() -> None:
    alice, bob = account(1000), account(1000)

    def pay(debit: Account, credit: Account) -> None:
        for _ in range(10):
            post([order(debit, credit, 1)])

    results = race([partial(pay, alice, bob), partial(pay, bob, alice)] * 8)
    assert results == [None] * 16
    assert balances(alice, bob) == [1000, 1000]
    assert Entry.objects.of(alice).count() == 161


def test_batches_beside_single_payments_all_get_through() -> None:
    accounts = [account(10_000) for _ in range(20)]

    def single() -> None:
        for _ in range(10):
            post([between(accounts, 1)])

    def batch() -> None:
        post([between(accounts, 1) for _ in range(500)])

    assert race([single] * 6 + [batch] * 2) == [None] * 8
    assert sum(balances(*accounts)) == 200_000


# The bank: eight accounts, sixteen writers, readers that add everything up, all at once.

Pay = Callable[[Account, Account, int], object]
Total = Callable[[], int]


def the_bank(pay: Pay, total: Total) -> tuple[set[int], list[int]]:
    """Every total that a reader saw, and the balances at the end; 800,00 in all."""
    accounts = [account(10_000) for _ in range(8)]
    stop, totals = threading.Event(), set[int]()

    def write(seed: int) -> None:
        chance = random.Random(seed)
        for _ in range(25):
            debit, credit = chance.sample(accounts, 2)
            try:
                pay(debit, credit, chance.randrange(1, 6_000))
            except InsufficientFunds:
                continue

    def read() -> None:
        while not stop.is_set():
            totals.add(total())

    def writers() -> None:
        try:
            for result in race([partial(write, seed) for seed in range(16)]):
                assert result is None, result
        finally:
            stop.set()

    for result in race([writers, read, read]):
        assert result is None, result
    return totals, balances(*accounts)


def read_every_account() -> int:
    wallets = Account.objects.filter(kind="liability").values_list("pk", flat=True)
    return sum(Account.objects.get(pk=pk).balance for pk in list(wallets))  # one by one, to give races a chance


def test_the_bank_adds_up_at_every_moment() -> None:
    totals, balances = the_bank(
        lambda debit, credit, amount: post([order(debit, credit, amount)]), lambda: serializable(read_every_account)
    )
    assert totals == {80_000}
    assert sum(balances) == 80_000
    assert min(balances) >= 0


def pay_without_care(debit: Account, credit: Account, amount: int) -> None:
    """What many a wallet does: READ COMMITTED, no locks, the sum in Python."""
    with transaction.atomic(using="default"), connections["default"].cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")  # past the rules, which refuse all this
        balance = {a.pk: a.balance for a in Account.objects.filter(pk__in=[debit.pk, credit.pk])}
        if balance[debit.pk] < amount:
            return
        Account.objects.filter(pk=min(debit.pk, credit.pk)).update(
            balance=balance[min(debit.pk, credit.pk)] + (amount if credit.pk < debit.pk else -amount)
        )
        Account.objects.filter(pk=max(debit.pk, credit.pk)).update(
            balance=balance[max(debit.pk, credit.pk)] + (amount if credit.pk > debit.pk else -amount)
        )


def test_the_bank_does_not_add_up_at_read_committed_without_locks() -> None:
    """The negative control: were this to pass, the test above would prove nothing."""
    totals, balances = the_bank(pay_without_care, read_every_account)
    assert totals != {80_000}
    assert sum(balances) != 80_000


# The queue before hot accounts.


@pytest.fixture
def nothing_known(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lanes, "_known", frozenset())
    monkeypatch.setattr(lanes, "_known_until", 0.0)


@pytest.mark.usefixtures("nothing_known")
def test_a_hot_account_loses_no_payment() -> None:
    shop, customers = account(), [account(100) for _ in range(32)]

    def pay(customer: Account) -> None:
        for _ in range(8):
            post([order(customer, shop, 1)])

    assert race([partial(pay, customer) for customer in customers]) == [None] * 32
    assert balances(shop) == [256]
    attempts = Transfer.objects.filter(credit_account=shop).values_list("attempts", flat=True)
    assert max(attempts) < db.ATTEMPTS
    assert HotAccount.objects.get(account=shop).wasted_attempts > 0


@pytest.mark.usefixtures("nothing_known")
def test_a_wasted_attempt_is_learnt_by_every_process(monkeypatch: pytest.MonkeyPatch) -> None:
    alice, bob = account(100), account()
    assert lanes.tables_to_lock([alice.pk, bob.pk], 1) == []
    lanes.note_wasted([alice.pk])
    assert lanes.tables_to_lock([alice.pk, bob.pk], 1) == [f"ledger_lane_{alice.pk % lanes.LANES}"]
    # Another process knows nothing yet, and reads it.
    monkeypatch.setattr(lanes, "_known", frozenset())
    monkeypatch.setattr(lanes, "_known_until", 0.0)
    assert lanes.tables_to_lock([alice.pk, bob.pk], 1) == [f"ledger_lane_{alice.pk % lanes.LANES}"]
    assert Entry.objects.of(alice).count() == 1
    # After some seconds without another it queues no more.
    HotAccount.objects.update(queued_until="2026-01-01T00:00Z")
    monkeypatch.setattr(lanes, "_known_until", 0.0)
    assert lanes.tables_to_lock([alice.pk, bob.pk], 1) == []


@pytest.mark.usefixtures("nothing_known")
def test_who_queues_waits_before_the_snapshot_and_wastes_no_attempt() -> None:
    alice, bob = account(100), account()
    lanes.note_wasted([alice.pk])
    first_is_in, second_started = threading.Event(), threading.Event()

    def first() -> int:
        def work() -> int:
            post([order(alice, bob, 1)])
            first_is_in.set()
            wait_for_a_waiter()
            return 0

        return serializable(work, [alice, bob])

    def second() -> int:
        first_is_in.wait(10)
        second_started.set()
        return post([order(alice, bob, 1)])[0].attempts

    assert race([first, second]) == [0, 1]


def wait_for_a_waiter() -> None:
    """Until somebody waits for a lane."""
    with connections["default"].cursor() as cursor:
        for _ in range(100_000):
            cursor.execute(
                "SELECT FROM pg_locks WHERE NOT granted AND relation::regclass::text LIKE 'ledger_lane%%'", []
            )
            if cursor.fetchone() is not None:
                return
    raise AssertionError("nobody waits")


def test_lanes_are_taken_in_one_order() -> None:
    ids = [5 + lanes.LANES, 3, 5]
    lanes._known, lanes._known_until = frozenset(ids), float("inf")
    try:
        assert lanes.tables_to_lock(ids, 1) == ["ledger_lane_3", "ledger_lane_5"]
        many = list(range(1, lanes.MANY + 2))
        assert lanes.tables_to_lock(many, 1) == []
        assert lanes.tables_to_lock(many, 2) == ["ledger_account"]
    finally:
        lanes._known, lanes._known_until = frozenset(), 0.0


def test_an_order_made_once_is_safe_to_post_from_many_places() -> None:
    """Half of the threads post the order alone, half within a batch, and it is there once."""
    alice, bob = account(1000), account()
    shared = order(alice, bob, 10)
    batches = [[shared] if turn % 2 else [shared, order(alice, bob, 1)] for turn in range(12)]
    results = race([partial(post, batch) for batch in batches])
    assert all(isinstance(result, list) and result[0].pk == shared.id for result in results), results
    assert balances(bob) == [10 + 6]
