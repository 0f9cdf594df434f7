"""Long histories, posted a thousand payments at a time."""

import uuid
from collections.abc import Callable, Iterable
from datetime import datetime

from ledger.models import Account
from ledger.posting import Order, post
from statements import searched
from tests.payments import people


def pay(
    payer: Account, payee: Account, amount: int, *, memo: str = "", at: datetime | None = None, kind: str = "payment"
) -> uuid.UUID:
    """The transfer's id."""
    order = Order(id=uuid.uuid4(), debit=payer, credit=payee, amount=amount, kind=kind, memo=memo)
    return post([order], at=at)[0].id


def long(
    payer: Account, payees: Iterable[Account], count: int, *, end: datetime, memo: Callable[[int], str] = str
) -> None:
    """`count` payments of 1 to 1,000 minor units, to each of the payees in turn, a thousand a day up to `end`."""
    theirs = list(payees)
    assert payer.owner is not None
    people.fund(payer.owner, 1_000 * count)  # type: ignore[arg-type]
    for first in range(0, count, 1_000):
        orders = [
            Order(
                id=uuid.uuid4(),
                debit=payer,
                credit=theirs[number % len(theirs)],
                amount=number % 1_000 + 1,
                kind="payment",
                memo=memo(number),
            )
            for number in range(first, min(first + 1_000, count))
        ]
        post(orders, at=None if first + 1_000 >= count else None)


def take_over() -> None:
    """What the worker does, until there is nothing left."""
    while searched.Round()():
        pass
