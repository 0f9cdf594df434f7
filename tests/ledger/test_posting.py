from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.db import IntegrityError
from django.utils import timezone

from ledger import posting
from ledger.db import serializable
from ledger.models import Account, Entry, Status, Transfer
from ledger.posting import (
    AccountNotOpen,
    AlreadyReversed,
    AmountTooLarge,
    CurrencyMismatch,
    IdempotencyConflict,
    InsufficientFunds,
    LedgerError,
    NoSuchAccount,
    NoSuchTransfer,
    Order,
    OutOfOrder,
    post,
    preview,
    reverse,
)
from tests.ledger.books import BOTH, account, balances, counts, order, user

pytestmark = pytest.mark.django_db(transaction=True, databases=BOTH)


def test_it_moves_money_as_two_entries() -> None:
    alice, bob = account(1000), account()
    (transfer,) = post([order(alice, bob, 400, memo="rent")])
    assert balances(alice, bob) == [600, 400]
    debit, credit = transfer.entries.order_by("-side")
    assert (debit.account_id, debit.seq, debit.side, debit.amount, debit.balance_after) == (
        alice.pk,
        2,
        "debit",
        400,
        600,
    )
    assert (credit.account_id, credit.seq, credit.side, credit.amount, credit.balance_after) == (
        bob.pk,
        1,
        "credit",
        400,
        400,
    )
    assert debit.posted_at == credit.posted_at == transfer.posted_at
    assert (debit.signed_amount, credit.signed_amount) == (-400, 400)


def test_it_gives_back_what_is_in_the_database() -> None:
    alice, bob, ada = account(1000), account(), user("ada1815")
    (transfer,) = post([order(alice, bob, 400, memo="Łódź ☃ \"'\\", initiated_by=ada, batch=uuid4())])
    stored = Transfer.objects.get(pk=transfer.pk)
    for field in Transfer._meta.concrete_fields:
        assert getattr(transfer, field.attname) == getattr(stored, field.attname), field.attname
    assert not transfer._state.adding


def test_the_same_order_again_gives_the_first_transfer() -> None:
    alice, bob = account(1000), account()
    everything = order(alice, bob, 1000)
    (first,) = post([everything])
    before = counts()
    (second,) = post([everything])  # although alice has nothing left
    assert (second.pk, second.posted_at) == (first.pk, first.posted_at)
    assert counts() == before


def test_the_same_order_again_is_found_also_when_the_account_is_closed_by_then() -> None:
    alice, bob = account(1000), account()
    everything = order(alice, bob, 1000)
    (first,) = post([everything])
    Account.objects.filter(pk=alice.pk).update(status=Status.CLOSED)
    assert post([everything]) == [first]


@pytest.mark.parametrize(
    "change",
    [
        {"amount": 401},
        {"memo": "other"},
        {"kind": "other"},
        {"initiated_by": None},
        {"batch": UUID("0f6e2a1c-93d4-4b7e-8c55-1d2e3f405162")},
        {"swap": True},
    ],
    ids=str,
)
def test_the_same_id_with_another_content_is_a_conflict(change: dict[str, Any]) -> None:
    alice, bob, ada = account(1000), account(1000), user("ada1815")
    values: dict[str, Any] = {
        "id": uuid4(), "debit": alice, "credit": bob, "amount": 400, "kind": "payment", "initiated_by": ada, "memo": "m",
    }  # fmt: skip
    post([Order(**values)])
    changed = values | change
    if changed.pop("swap", False):
        changed |= {"debit": bob, "credit": alice}
    before = counts()
    with pytest.raises(IdempotencyConflict) as refusal:
        post([Order(**changed)])
    assert refusal.value.order.id == values["id"]
    assert counts() == before


def test_a_batch_that_was_partly_posted_is_completed() -> None:
    alice, bob = account(1000), account()
    first, second = order(alice, bob, 100), order(alice, bob, 200)
    post([first])
    posted = post([first, second])
    assert [transfer.pk for transfer in posted] == [first.id, second.id]
    assert balances(alice, bob) == [700, 300]


@pytest.mark.asvs("2.3.3")
def test_a_batch_is_posted_in_its_order_or_not_at_all() -> None:
    alice, bob, carol = account(), account(), account(500)
    post([order(carol, alice, 500), order(alice, bob, 500)])  # alice has the money only after the first
    assert balances(alice, bob, carol) == [0, 500, 0]
    fault = order(alice, carol, 1)
    with pytest.raises(InsufficientFunds) as refusal:
        post([order(bob, carol, 200), fault])
    assert refusal.value.order is fault
    assert balances(alice, bob, carol) == [0, 500, 0]


def test_ten_thousand_orders_are_one_transaction() -> None:
    alice, bob = account(10_000), account()
    transfers = post([order(alice, bob, 1) for _ in range(10_000)])
    assert len({transfer.posted_at for transfer in transfers}) == 1
    assert balances(alice, bob) == [0, 10_000]
    assert list(Entry.objects.of(bob).values_list("seq", flat=True)[:2]) == [10_000, 9_999]


def refused(error: type[LedgerError], fault: Order) -> None:
    before = counts()
    with pytest.raises(error) as refusal:
        post([fault])
    assert refusal.value.order is fault
    with pytest.raises(error):
        preview([fault])
    assert counts() == before


def test_it_refuses_with_the_order_at_fault() -> None:
    alice, bob, dollars = account(1000), account(), account(currency="USD")
    refused(InsufficientFunds, order(alice, bob, 1001))
    refused(CurrencyMismatch, order(alice, dollars, 1))
    refused(NoSuchAccount, Order(id=uuid4(), debit=alice, credit=2**40, amount=1, kind="payment"))
    huge, brim = account(floor=None), account(floor=None)
    post([order(huge, brim, 2**63 - 1)])
    refused(AmountTooLarge, order(huge, brim, 1))


def test_a_frozen_account_only_receives_and_a_closed_one_does_not_move() -> None:
    alice, bob = account(1000), account()
    Account.objects.filter(pk=alice.pk).update(status=Status.FROZEN)
    refused(AccountNotOpen, order(alice, bob, 1))
    post([order(Account.objects.system("cash"), alice, 1)])
    Account.objects.filter(pk=bob.pk).update(status=Status.CLOSED)
    refused(AccountNotOpen, order(alice, bob, 1))
    refused(AccountNotOpen, order(bob, alice, 1))


@pytest.mark.parametrize("amount", [0, -1, True, 1.0, "1", 2**63, None])
def test_an_order_has_a_positive_whole_amount(amount: Any) -> None:
    with pytest.raises(ValueError, match="minor units"):
        Order(id=uuid4(), debit=1, credit=2, amount=amount, kind="payment")


def test_an_order_has_two_accounts_and_no_nul() -> None:
    with pytest.raises(ValueError, match="itself"):
        Order(id=uuid4(), debit=1, credit=1, amount=1, kind="payment")
    with pytest.raises(ValueError, match="NUL"):
        Order(id=uuid4(), debit=1, credit=2, amount=1, kind="payment", memo="a\0b")


def test_one_id_cannot_come_twice_in_a_batch() -> None:
    alice, bob = account(1000), account()
    with pytest.raises(ValueError, match="twice"):
        post([order(alice, bob, 1, id=UUID(int=7)), order(alice, bob, 1, id=UUID(int=7))])
    assert post([]) == []


def test_a_preview_is_the_real_thing_rolled_back() -> None:
    alice, bob = account(1000), account()
    before = counts()
    assert preview([order(alice, bob, 300), order(alice, bob, 100)]) == {alice.pk: 600, bob.pk: 400}
    assert counts() == before
    assert balances(alice, bob) == [1000, 0]


def test_it_joins_a_block_in_progress() -> None:
    alice, bob = account(1000), account()
    one, other = order(alice, bob, 100), order(alice, bob, 200)
    before = counts()

    def fail() -> None:
        post([one])
        raise LookupError

    with pytest.raises(LookupError):
        serializable(fail)
    assert counts() == before

    def work() -> list[UUID]:
        return [transfer.pk for transfer in [*post([one]), *post([one, other])]]

    assert serializable(work) == [one.id, one.id, other.id]
    assert balances(alice, bob) == [700, 300]
    assert serializable(work) == [one.id, one.id, other.id]


def test_a_refusal_inside_a_block_can_be_handled_there() -> None:
    alice, bob = account(1000), account()

    def work() -> list[UUID]:
        try:
            post([order(alice, bob, 5000)])
        except InsufficientFunds:
            return [transfer.pk for transfer in post([order(alice, bob, 1000)])]
        return []

    assert len(serializable(work)) == 1


def test_time_order_is_sequence_order() -> None:
    alice, bob = account(1000), account()
    soon = timezone.now() + timedelta(seconds=20)
    post([order(alice, bob, 1)], at=soon)
    (later,) = post([order(alice, bob, 1)])
    assert later.posted_at == soon  # never before the account's last entry, whatever the clock says


def test_opening_history_is_posted_in_order_of_time() -> None:
    alice, bob, cash = account(), account(), Account.objects.system("cash")
    monday, sunday = datetime(2026, 6, 1, 12, tzinfo=UTC), datetime(2026, 5, 31, 12, tzinfo=UTC)
    (deposit,) = post([order(cash, alice, 1000)], at=monday)
    assert deposit.posted_at == monday
    with pytest.raises(OutOfOrder):
        post([order(alice, bob, 1)], at=sunday)
    with pytest.raises(IntegrityError) as refusal:
        post([order(alice, bob, 1)], at=timezone.now() + timedelta(hours=1))
    assert "order of time" in str(refusal.value)


def test_the_balance_at_a_moment() -> None:
    alice, cash = account(), Account.objects.system("cash")
    monday = datetime(2026, 6, 1, 12, tzinfo=UTC)
    for day in range(3):
        post([order(cash, alice, 100), order(cash, alice, 11)], at=monday + timedelta(days=day))
    assert alice.balance_at(monday - timedelta(microseconds=1)) == 0
    assert alice.balance_at(monday) == 111
    assert alice.balance_at(monday + timedelta(days=1, hours=5)) == 222
    assert alice.balance_at(timezone.now()) == 333


def test_a_reversal_mirrors_its_transfer_once() -> None:
    alice, bob = account(1000), account()
    (transfer,) = post([order(alice, bob, 400)])
    key = uuid4()
    reversal = reverse(transfer, id=key, memo="sent by mistake")
    assert (reversal.reverses_id, reversal.debit_account_id, reversal.credit_account_id) == (
        transfer.pk,
        bob.pk,
        alice.pk,
    )
    assert balances(alice, bob) == [1000, 0]
    assert reverse(transfer, id=key, memo="sent by mistake") == reversal
    post([order(alice, bob, 400)])
    with pytest.raises(AlreadyReversed):
        reverse(transfer, id=uuid4())


def test_a_second_reversal_is_told_apart_from_missing_money() -> None:
    alice, bob, carol = account(1000), account(), account()
    (transfer,) = post([order(alice, bob, 400)])
    post([order(bob, carol, 400)])
    with pytest.raises(InsufficientFunds):
        reverse(transfer, id=uuid4())
    post([order(carol, bob, 400)])
    reverse(transfer, id=uuid4())
    with pytest.raises(AlreadyReversed):
        reverse(transfer, id=uuid4())


def test_a_reversal_of_nothing_is_refused() -> None:
    alice, bob = account(1000), account()
    with pytest.raises(NoSuchTransfer):
        post([order(alice, bob, 1, reverses=uuid4())])
    (transfer,) = post([order(alice, bob, 400)])
    with pytest.raises(NoSuchTransfer):
        post([order(bob, alice, 399, reverses=transfer)])


def test_the_reference_leads_back_to_the_id() -> None:
    transfer = Transfer(id=UUID("f81d4fae-7dec-41d0-a765-00a0c91e6bf6"))
    assert transfer.reference == "Z0EM-ZBKX"
    first, last = Transfer.ids_of_reference(" z0em-zbkx ") or (None, None)
    assert first and last and first <= transfer.id <= last
    assert Transfer.ids_of_reference("rent") is None
    for copied in ("ZOEM-ZBKX", "z0em\u2013zbkx", "\u200bZ0EM\u00a0ZBKX.", "Ｚ０ＥＭ－ＺＢＫＸ"):
        assert Transfer.ids_of_reference(copied) == (first, last)
    assert Transfer.ids_of_reference("Z0EM-ZBKX" + " " * 5_000) is None


def test_every_error_is_named() -> None:
    assert all(hasattr(posting, name) for name in posting.__all__)
