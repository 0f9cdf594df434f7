"""Making statements: which entries a period has, what the names were, and which number comes next.

Any number of workers and pages may make them at once: constraints and a trigger of the table let each statement in once
and after the one before it (statements/migrations/0002_statements_agree_with_the_books.py).
"""

from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone

from ledger.models import EMPTY_HEAD, Account, Entry, Status
from notices.models import Kind
from notices.outbox import tell
from statements import content
from statements.models import Seal, Statement, bounds

MOST_DAYS = 366
REQUESTS_A_DAY = 20  # of one account
TRIES = 5
# By which the database says that somebody else was first.
TAKEN = {"statement_number_is_unique", "one_statement_a_month", "one_statement_a_request", "statement_follows"}


class TooManyRequests(Exception):
    """So many statements of this account were asked for today."""


def opening_day(account: Account) -> date:
    """The bank's day on which the account was opened, or that of its first entry: opening history may be older."""
    first = Entry.objects.filter(account=account, seq=1).values_list("posted_at", flat=True).first()
    return timezone.localtime(min(account.opened_at, first) if first else account.opened_at, zone()).date()


def next_month(account: Account, today: date) -> date | None:
    """The first day of the oldest month without a statement that is over; None when there is none.

    A closed account gets the statements of the months that it moved in, and none after.
    """
    last = account.statements.filter(kind=Statement.Kind.MONTHLY).order_by("-number").first()
    if account.status == Status.CLOSED and account.last_seq == (last.last_seq if last else 0):
        return None
    first_day = month_after(last.first_day) if last else opening_day(account).replace(day=1)
    return first_day if month_after(first_day) <= today else None


def month_after(first_day: date) -> date:
    return (first_day + timedelta(days=31)).replace(day=1)


def make_monthly(account: Account, month: date) -> Statement | None:
    """The statement of the month that begins on this day. None when somebody else is making it."""
    made_at = settled(account)
    last = account.statements.filter(kind=Statement.Kind.MONTHLY).order_by("-number").first()
    last_day = month_after(month) - timedelta(days=1)
    statement = prepared(account, month, last_day, first_seq=last.last_seq + 1 if last else 1, made_at=made_at)
    statement.kind, statement.number = Statement.Kind.MONTHLY, last.number + 1 if last else 1
    return statement if _insert(statement, is_news=month_after(month_after(month)) > today()) else None


def make_requested(account: Account, first_day: date, last_day: date) -> Statement:
    """A statement of these days; the one there is already, when it says the same. Raises TooManyRequests."""
    made_at = settled(account)
    begins, _ = bounds(first_day, last_day, zone())
    first_seq = last_seq_before(account, begins) + 1
    statement = prepared(account, first_day, last_day, first_seq=first_seq, made_at=made_at)
    for _ in range(TRIES):
        if same := _same(statement):
            return same
        made = account.statements.filter(kind=Statement.Kind.REQUESTED).order_by("-number")
        if made.filter(made_at__gt=timezone.now() - timedelta(days=1))[:REQUESTS_A_DAY].count() >= REQUESTS_A_DAY:
            raise TooManyRequests
        latest = made.first()
        statement.kind, statement.number = Statement.Kind.REQUESTED, latest.number + 1 if latest else 1
        if _insert(statement):
            return statement
    raise TooManyRequests


def prepared(account: Account, first_day: date, last_day: date, *, first_seq: int, made_at: datetime) -> Statement:
    """Without its kind and number. Of entries until `made_at`, for a period that is not over yet."""
    _, ends = bounds(first_day, last_day, zone())
    last_seq = max(last_seq_before(account, min(ends, made_at)), first_seq - 1)
    after = dict(
        Entry.objects.filter(account=account, seq__in=(first_seq - 1, last_seq)).values_list("seq", "balance_after")
    )
    digest = Entry.objects.filter(account=account, seq=last_seq).values_list("digest", flat=True).first()
    values: dict[str, Any] = {
        "opening": after.get(first_seq - 1, 0),
        "closing": after.get(last_seq, 0),
        "head": bytes(digest or EMPTY_HEAD),
        "names": content.names_of(content.others(account, first_seq, last_seq)),
        "holder": account.owner.full_name if account.owner else account.name,
    }
    return Statement(
        account=account, first_day=first_day, last_day=last_day, first_seq=first_seq, last_seq=last_seq,
        time_zone=str(zone()), bank=settings.SITE_NAME, made_at=made_at, **values,
    )  # fmt: skip


def settled(account: Account) -> datetime:
    """A moment before which nothing more can be posted: what got a time under the account's lock is committed."""
    moment = timezone.now()
    with transaction.atomic():
        Account.objects.select_for_update(no_key=True).only("pk").get(pk=account.pk)
    return moment


def last_seq_before(account: Account, moment: datetime) -> int:
    entries = Entry.objects.filter(account=account, posted_at__lt=moment).order_by("-posted_at", "-seq")
    return entries.values_list("seq", flat=True).first() or 0


def today() -> date:
    return timezone.localdate(timezone=zone())


def zone() -> ZoneInfo:
    return ZoneInfo(settings.TIME_ZONE)


def _same(statement: Statement) -> Statement | None:
    """One of this very period and these entries; a month's own before one that was asked for."""
    found = Statement.objects.filter(
        account=statement.account, first_day=statement.first_day, last_day=statement.last_day,
        first_seq=statement.first_seq, last_seq=statement.last_seq, time_zone=statement.time_zone,
    )  # fmt: skip
    return found.order_by("kind").first()


def _insert(statement: Statement, *, is_news: bool = False) -> bool:
    """False when another one has its number or its period. Of news the customer is told, in the same transaction."""
    try:
        with transaction.atomic():
            statement.save(force_insert=True)
            Seal.objects.create(statement=statement)
            if is_news:
                _tell(statement)
    except IntegrityError as error:
        if getattr(getattr(error.__cause__, "diag", None), "constraint_name", "") not in TAKEN:
            raise
        return False
    return True


def _tell(statement: Statement) -> None:
    """Of the month that is just over alone: whoever gets the months of years at once is not told of each."""
    owner = statement.account.owner
    if owner:
        path = reverse("statements:statement", args=[statement.id])
        tell(owner.id, Kind.STATEMENT_READY, about=statement.id, period=statement.period, path=path)
