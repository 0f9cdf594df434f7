"""A customer's entries as they are read: whom it was with, which way it went, on which day."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import groupby
from typing import NamedTuple, Protocol

from django.conf import settings
from django.utils import timezone

from ledger.models import Account, Entry
from web import days

PAGE_SIZE = 20

# What happened, from the side that paid and the side that was paid.
WORDS = {
    "payment": ("You sent", "You received"),
    "deposit": ("You took out", "You paid in"),
    "salary": ("You paid a salary", "Salary"),
    "demo": ("Demo money returned", "Demo money"),
    "reversal": ("You returned", "Returned to you"),
}

# Of a kind that nobody has words for here, only which way it went is certain.
OTHER_WORDS = ("Money out", "Money in")

# What the bank's own accounts stand for, seen from a customer's.
SYSTEM_NAMES = {"settlement": "Bank transfer"}


@dataclass(frozen=True)
class Line:
    """One entry with its transfer's other side."""

    entry: Entry

    @property
    def incoming(self) -> bool:
        return self.entry.signed_amount > 0

    @property
    def account(self) -> Account:
        return self.entry.account

    @property
    def other(self) -> Account:
        transfer = self.entry.transfer
        return transfer.credit_account if transfer.debit_account_id == self.entry.account_id else transfer.debit_account

    @property
    def name(self) -> str:
        """The registered name of the other side, or what the bank's own account stands for."""
        return self.other.owner.full_name if self.other.owner else SYSTEM_NAMES.get(self.other.name, settings.SITE_NAME)

    @property
    def handle(self) -> str:
        return (self.other.owner.handle or "") if self.other.owner else ""

    @property
    def initials(self) -> str:
        """Empty for the bank's own accounts."""
        return self.other.owner.initials if self.other.owner else ""

    @property
    def word(self) -> str:
        sent, received = WORDS.get(self.entry.transfer.kind, OTHER_WORDS)
        return received if self.incoming else sent

    @property
    def day(self) -> date:
        return timezone.localtime(self.entry.posted_at).date()

    @property
    def short_day(self) -> str:
        return day_name(self.day, written=days.short_day)


class Day(NamedTuple):
    name: str
    lines: list[Line]


def by_day(lines: Iterable[Line]) -> list[Day]:
    """In the order given, which is newest first."""
    return [Day(day_name(day), list(group)) for day, group in groupby(lines, key=lambda line: line.day)]


class Written(Protocol):
    def __call__(self, at: date, *, with_year: bool) -> str: ...


def day_name(day: date, *, written: Written = days.weekday) -> str:
    """The reader's day, and the year where it is not this one."""
    today = timezone.localdate()
    if day == today:
        return "Today"
    if day == today - timedelta(days=1):
        return "Yesterday"
    return written(day, with_year=day.year != today.year)


class Page(NamedTuple):
    lines: list[Line]
    older: int | None  # where the next page begins: entries with a lower sequence number


def page(account: Account, *, before: int | None = None, size: int = PAGE_SIZE) -> Page:
    """Newest first. By key and not by offset: a payment that arrives between two pages moves nothing."""
    entries = Entry.objects.of(account)
    if before is not None:
        entries = entries.filter(seq__lt=before)
    found = [Line(entry) for entry in entries[: size + 1]]
    return Page(found[:size], found[size - 1].entry.seq if len(found) > size else None)


def parse_before(text: str | None) -> int | None:
    """Raises ValueError for what is no sequence number of ours."""
    if text is None:
        return None
    if not re.fullmatch("[0-9]{1,18}", text):
        raise ValueError(f"not a sequence number: {text!r}")
    return int(text)
