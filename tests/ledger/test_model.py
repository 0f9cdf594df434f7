"""Random histories against a ledger of a few lines of Python: the model and the books agree at each step."""

import os
from uuid import UUID, uuid4

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from ledger import reports
from ledger.models import Account, Status, Transfer
from ledger.posting import (
    AccountNotOpen,
    AlreadyReversed,
    IdempotencyConflict,
    InsufficientFunds,
    LedgerError,
    Order,
    post,
    preview,
    reverse,
)
from tests.ledger.books import BOTH, account, balances, order

PEOPLE = 4


class Model:
    """What a ledger is: balances, who may move, and what was done under which id."""

    def __init__(self) -> None:
        self.balance = [100] * PEOPLE
        self.status = [Status.OPEN] * PEOPLE
        self.done: dict[UUID, tuple[int, int, int]] = {}
        self.reversed: set[UUID] = set()

    def post(self, orders: list[tuple[UUID, int, int, int]]) -> type[LedgerError] | None:
        fresh = [o for o in orders if o[0] not in self.done]
        if any(self.done.get(o[0], o[1:]) != o[1:] for o in orders):
            return IdempotencyConflict
        after = self.balance.copy()
        for _, debit, credit, amount in fresh:
            if self.status[debit] != Status.OPEN or self.status[credit] == Status.CLOSED:
                return AccountNotOpen
            after[debit] -= amount
            after[credit] += amount
            if after[debit] < 0:
                return InsufficientFunds
        self.balance = after
        self.done |= {o[0]: o[1:] for o in fresh}
        return None


people = st.integers(0, PEOPLE - 1)
amounts = st.integers(1, 130)
pairs = st.lists(people, min_size=2, max_size=2, unique=True)


class Books(RuleBasedStateMachine):
    sent = Bundle("sent")

    @initialize()
    def open_accounts(self) -> None:
        self.accounts = [account(100) for _ in range(PEOPLE)]
        self.model = Model()

    def order(self, key: UUID, debit: int, credit: int, amount: int) -> Order:
        return order(self.accounts[debit], self.accounts[credit], amount, id=key)

    def try_both(self, orders: list[tuple[UUID, int, int, int]]) -> None:
        asked = [self.order(*each) for each in orders]
        previewed = refusal(lambda: preview(asked)) if not any(o[0] in self.model.done for o in orders) else ...
        expected = self.model.post(orders)
        assert refusal(lambda: post(asked)) is expected
        assert previewed in (expected, ...)

    @rule(target=sent, pair=pairs, amount=amounts)
    def pay(self, pair: list[int], amount: int) -> tuple[UUID, int, int, int]:
        payment = (uuid4(), *pair, amount)
        self.try_both([payment])  # type: ignore[list-item]
        return payment  # type: ignore[return-value]

    @rule(target=sent, payment=sent)
    def pay_again(self, payment: tuple[UUID, int, int, int]) -> tuple[UUID, int, int, int]:
        self.try_both([payment])
        return payment

    @rule(payment=sent, amount=amounts)
    def pay_another_amount_under_the_same_id(self, payment: tuple[UUID, int, int, int], amount: int) -> None:
        self.try_both([(*payment[:3], amount)])

    @rule(batch=st.lists(st.tuples(pairs, amounts), min_size=2, max_size=12))
    def pay_linked(self, batch: list[tuple[list[int], int]]) -> None:
        self.try_both([(uuid4(), *pair, amount) for pair, amount in batch])  # type: ignore[misc]

    @rule(payment=sent)
    def take_back(self, payment: tuple[UUID, int, int, int]) -> None:
        if payment[0] not in self.model.done:
            return
        transfer = Transfer.objects.get(pk=payment[0])
        _, debit, credit, amount = (transfer.pk, *self.model.done[transfer.pk])
        outcome = refusal(lambda: reverse(transfer, id=uuid4()))
        if transfer.pk in self.model.reversed:
            assert outcome is AlreadyReversed
        else:
            expected = self.model.post([(uuid4(), credit, debit, amount)])
            assert outcome is expected
            if expected is None:
                self.model.reversed.add(transfer.pk)

    @rule(who=people, status=st.sampled_from([Status.OPEN, Status.FROZEN]))
    def freeze_or_thaw(self, who: int, status: Status) -> None:
        Account.objects.filter(pk=self.accounts[who].pk).update(status=status)
        self.model.status[who] = status

    @invariant()
    def books_and_model_agree(self) -> None:
        if hasattr(self, "model"):
            assert balances(*self.accounts) == self.model.balance

    def teardown(self) -> None:
        for line in reports.trial_balance():
            assert line.debit == line.credit, line


def refusal(act) -> type[LedgerError] | None:  # type: ignore[no-untyped-def]
    try:
        act()
    except LedgerError as error:
        return type(error)
    return None


@pytest.mark.django_db(transaction=True, databases=BOTH)
def test_the_books_agree_with_the_model_at_each_step() -> None:
    run_state_machine_as_test(
        Books,
        settings=settings(
            max_examples=int(os.environ.get("HYPOTHESIS_EXAMPLES", "40")),
            stateful_step_count=30,
            deadline=None,
            derandomize="CI" in os.environ,
            suppress_health_check=list(HealthCheck),
        ),
    )
