"""Accounts with a history, and their statements, for the tests."""

import random
import uuid
from datetime import UTC, date, datetime, timedelta
from uuid import uuid4

from accounts.models import User
from ledger import numbers
from ledger.models import Account
from ledger.posting import Order, post
from statements import content, making
from statements.content import StatementData
from statements.models import Statement

START = datetime(2026, 3, 1, tzinfo=UTC)
NAMES = {
    "blossom": "Blossom Bakery",
    "lukasz": "Łukasz Żółw-Ångström",
    "yamada": "山田太郎",
    "muhammad": "محمد بن علي",
    "irina": "Ирина Ωμέγα",
    "oneill": "Conan O’Neill & Sons <Ltd>",
}
MEMOS = ["", "Rent", "=HYPERLINK(1)", "-1+1", "@cmd", 'say "hi", twice', "Łódź 🎉 <b>&amp;", "a\tb\nc", "x" * 200]


def person(handle: str, name: str = "") -> User:
    name = name or NAMES.get(handle, handle.title())
    return User.objects.create(email=f"{handle}@example.org", full_name=name, handle=handle)


def pay(debit: Account, credit: Account, amount: int, at: datetime, *, memo: str = "", kind: str = "payment") -> None:
    post(
        [Order(id=uuid4(), debit=debit, credit=credit, amount=amount, kind=kind, memo=memo, currency=debit.currency)],
        at=at,
    )


def history(entries: int, currency: str, *, seed: int, every: timedelta = timedelta(minutes=61)) -> Account:
    """A wallet that so many entries went through, at random, in order of time from START on."""
    dice = random.Random(seed)
    mine = wallet(person(f"owner_{currency.lower()}", "Zoë Owner"), currency)
    others = [wallet(user(handle), currency) for handle in NAMES]
    cash = Account.objects.system("settlement", currency)
    for other in others:
        pay(cash, other, 10**9, START - timedelta(days=1), kind="deposit")
    balance, orders = 0, []
    for _ in range(entries):
        amount, other = dice.choice([1, 7, 99, 100, 12_345, dice.randrange(1, 500_000)]), dice.choice([*others, cash])
        goes_out = amount <= balance and dice.random() < 0.5
        balance += -amount if goes_out else amount
        debit, credit = (mine, other) if goes_out else (other, mine)
        kind = "payment" if other is not cash else "deposit"
        orders.append(Order(
            id=uuid.UUID(int=dice.getrandbits(128), version=4), debit=debit, credit=credit, amount=amount, kind=kind,
            memo=dice.choice(MEMOS), currency=currency,
        ))  # fmt: skip
    for at in range(0, entries, 10):
        post(orders[at : at + 10], at=START + at * every)
    mine.refresh_from_db()
    return mine


def user(handle: str) -> User:
    return User.objects.filter(handle=handle).first() or person(handle)


def wallet(owner: User, currency: str) -> Account:
    """Also in a currency that this site opens no wallets in."""
    return Account.objects.filter(owner=owner, currency=currency).first() or Account.objects.create(
        number=numbers.new(), owner=owner, kind="liability", floor=0, currency=currency
    )


def statement_of(account: Account, first: date, last: date) -> Statement:
    return making.make_requested(account, first, last)


def data_of(account: Account, first: date, last: date) -> StatementData:
    return content.read(statement_of(account, first, last))
