"""A customer's entries as they are read: whom it was with, which way it went, on which day."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import groupby
from typing import NamedTuple, Protocol
from urllib.parse import urlencode

from django.conf import settings
from django.utils import timezone

from ledger.currency import typed
from ledger.models import Account, Entry
from statements.months import begin, moved
from statements.sums import Sums, between
from web import days

PAGE_SIZE = 20

PAYMENT = "payment"  # the kind of what customers pay each other

# What happened, from the side that paid and the side that was paid.
WORDS = {
    PAYMENT: ("You sent", "You received"),
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
    def again(self) -> str:
        """What an address says that makes the same payment again; empty where the customer made none."""
        transfer = self.entry.transfer
        if self.incoming or not self.handle or transfer.kind != PAYMENT:
            return ""
        amount = typed(transfer.amount, transfer.currency)
        return urlencode(
            {"to": f"@{self.handle}", "amount": amount} | ({"note": transfer.memo} if transfer.memo else {})
        )

    @property
    def at(self) -> datetime:
        """Where the bank is."""
        return timezone.localtime(self.entry.posted_at)

    @property
    def day(self) -> date:
        return self.at.date()

    @property
    def short_day(self) -> str:
        return short_day(self.day)


class Month(NamedTuple):
    """`sums` is what came in and went out in all of it, where that is shown."""

    first: date
    lines: list[Line]
    sums: Sums | None

    @property
    def name(self) -> str:
        this_year = self.first.year == timezone.localdate().year
        return days.month_name(self.first) if this_year else days.month(self.first)


def by_month(lines: Iterable[Line], account: Account, *, with_sums: bool) -> list[Month]:
    """In the order given, which is newest first. One query for all the sums."""
    groups = [(first, list(group)) for first, group in groupby(lines, key=lambda line: line.day.replace(day=1))]
    moments = sorted({begin(moved(first, step)) for first, _ in groups for step in (0, 1)}) if with_sums else []
    found = dict(zip(moments, between(account, moments), strict=False)) if moments else {}
    return [Month(first, group, found.get(begin(first))) for first, group in groups]


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


def short_day(day: date) -> str:
    return day_name(day, written=days.short_day)


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


def page_of(account: Account, seqs: Sequence[int], *, size: int) -> Page:
    """These lines, newest first; one more of them than the page holds says that there is an older one."""
    entries = {entry.seq: entry for entry in Entry.objects.of(account).filter(seq__in=seqs[:size])}
    return Page([Line(entries[seq]) for seq in seqs[:size]], seqs[size - 1] if len(seqs) > size else None)


def parse_before(text: str | None) -> int | None:
    """Raises ValueError for what is no sequence number of ours."""
    if text is None:
        return None
    if not re.fullmatch("[0-9]{1,18}", text):
        raise ValueError(f"not a sequence number: {text!r}")
    return int(text)
