"""What the ledger's tests share: accounts with money on them, orders, and races."""

import random
from collections.abc import Callable, Sequence
from typing import Any, TypeVar
from uuid import uuid4

from accounts.models import User
from ledger import numbers
from ledger.models import Account, Entry, Kind, Transfer
from ledger.posting import Order, post
from tests.threads import run_together

T = TypeVar("T")
BOTH = ["default", "serializable"]


def user(handle: str) -> User:
    return User.objects.create(email=f"{handle}@example.org", full_name=handle.title(), handle=handle)


def account(
    balance: int = 0, *, kind: Kind = Kind.LIABILITY, floor: int | None = 0, currency: str = "EUR", name: str = ""
) -> Account:
    """A wallet without an owner, so that a test needs no users; `balance` minor units paid in from cash."""
    opened = Account.objects.create(
        number=numbers.new(), name=name or uuid4().hex, kind=kind, floor=floor, currency=currency
    )
    if balance:
        cash = Account.objects.system("cash", currency)
        post([Order(id=uuid4(), debit=cash, credit=opened, amount=balance, kind="deposit", currency=currency)])
    return Account.objects.get(pk=opened.pk)


def order(debit: Account, credit: Account, amount: int, **values: Any) -> Order:
    return Order(
        id=values.pop("id", None) or uuid4(), debit=debit, credit=credit, amount=amount, kind="payment", **values
    )


def between(accounts: list[Account], amount: int, **values: Any) -> Order:
    """An order from one of the accounts to another, at random."""
    debit, credit = random.sample(accounts, 2)
    return order(debit, credit, amount, **values)


def balances(*accounts: Account) -> list[int]:
    found = dict(Account.objects.filter(pk__in=[a.pk for a in accounts]).values_list("pk", "balance"))
    return [found[a.pk] for a in accounts]


def counts() -> tuple[int, int]:
    """How many transfers and entries there are."""
    return Transfer.objects.count(), Entry.objects.count()


def race(jobs: Sequence[Callable[[], T]]) -> list[T | BaseException]:
    """Runs the jobs in threads that start at once; what each returned or raised, in their order."""
    return run_together(jobs, connected=BOTH)
