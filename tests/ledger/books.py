"""What the ledger's tests share: accounts with money on them, orders, and races."""

import random
import threading
from collections.abc import Callable, Sequence
from typing import Any, TypeVar
from uuid import uuid4

from django.db import connections

from accounts.models import User
from ledger import numbers
from ledger.models import Account, Entry, Kind, Transfer
from ledger.posting import Order, post

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


def race(jobs: Sequence[Callable[[], T]]) -> list[T | Exception]:
    """Runs the jobs in threads that start at once; what each returned or raised, in their order."""
    barrier = threading.Barrier(len(jobs))
    results: list[T | Exception] = [RuntimeError("did not finish")] * len(jobs)

    def run(index: int) -> None:
        try:
            for alias in BOTH:
                connections[alias].ensure_connection()
            barrier.wait(60)
            results[index] = jobs[index]()
        except Exception as error:
            results[index] = error
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=(index,)) for index in range(len(jobs))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(120)
    return results
