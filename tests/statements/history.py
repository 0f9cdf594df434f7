"""Long histories, posted a thousand payments at a time."""

import uuid
from collections.abc import Sequence
from datetime import datetime, timedelta

from ledger.models import Account
from ledger.posting import Order, post
from statements import searched


def pay(
    payer: Account, payee: Account, amount: int, *, memo: str = "", at: datetime | None = None, kind: str = "payment"
) -> uuid.UUID:
    """The transfer's id."""
    order = Order(id=uuid.uuid4(), debit=payer, credit=payee, amount=amount, kind=kind, memo=memo)
    return post([order], at=at)[0].id


def long(payer: Account, payees: Sequence[Account], count: int, *, end: datetime, memo: str = "Nothing much") -> None:
    """`count` payments of 1 to 1,000 minor units, to the payees in turn, a thousand a day and the last ones at `end`."""
    days = -(-count // 1_000)
    start = end - timedelta(days=days)
    outside = Account.objects.system("settlement")
    deposit = Order(id=uuid.uuid4(), debit=outside, credit=payer, amount=1_000 * count, kind="deposit")
    post([deposit], at=start)
    for day in range(days):
        numbers = range(1_000 * day, min(1_000 * (day + 1), count))
        orders = [
            Order(
                id=uuid.uuid4(),
                debit=payer,
                credit=payees[number % len(payees)],
                amount=number % 1_000 + 1,
                kind="payment",
                memo=f"{memo} {number}",
            )
            for number in numbers
        ]
        post(orders, at=start + timedelta(days=day + 1))


def take_over() -> None:
    """What the worker does, until there is nothing left."""
    while searched.Round()():
        pass
