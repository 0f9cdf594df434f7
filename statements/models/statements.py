"""Statements: what a wallet's books said of a period, numbered, never changed.

A statement holds which entries it covers and the words that may change later (names, the bank's, the zone's). Its files
are made of that whenever they are asked for: see content.py and formats/.
"""

import uuid
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from babel.dates import format_date
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from ledger.edges import sane, somebody
from ledger.models import Account
from web import regions
from work.due import Due, due_index

PDF_AT_ONCE = 500  # entries up to which a PDF is made while its page waits
PART = 2_000  # entries of one PDF: more would take a worker's memory (docs/adr/0045-statements-are-pure-functions.md)


class Statement(models.Model):
    """The entries `first_seq` to `last_seq` of an account; none when the last is before the first.

    `opening` and `closing` are in minor units, `head` is the digest of the entry `last_seq`. `names` has, by the other
    account's id, the registered name and the handle of when it was made. The days are the bank's, in `time_zone`.
    """

    class Kind(models.TextChoices):
        MONTHLY = "monthly"
        REQUESTED = "requested"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    account = models.ForeignKey(Account, models.PROTECT, related_name="statements", db_index=False)
    kind = models.CharField(max_length=9, choices=Kind.choices)
    number = models.PositiveIntegerField(help_text="1, 2, 3 … within the account and kind.")
    first_day = models.DateField()
    last_day = models.DateField()
    time_zone = models.CharField(max_length=64)
    first_seq = models.BigIntegerField()
    last_seq = models.BigIntegerField()
    opening = models.BigIntegerField(help_text="Minor units.")
    closing = models.BigIntegerField(help_text="Minor units.")
    head = models.BinaryField(help_text="The account's head as the period ended.")
    bank = models.CharField(max_length=200)
    holder = models.CharField(max_length=200)
    names = models.JSONField(default=dict)
    made_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["account", "kind", "number"], name="statement_number_is_unique"),
            models.UniqueConstraint(
                fields=["account", "first_day"], condition=Q(kind="monthly"), name="one_statement_a_month"
            ),
            models.UniqueConstraint(
                fields=["account", "first_day", "last_day", "last_seq"],
                condition=Q(kind="requested"),
                name="one_statement_a_request",
            ),
            models.CheckConstraint(condition=Q(kind__in=["monthly", "requested"]), name="statement_kind_is_known"),
            models.CheckConstraint(condition=Q(number__gte=1), name="statement_number_is_positive"),
            models.CheckConstraint(
                condition=Q(first_day__lte=F("last_day"), first_day__gte=date(1900, 1, 1)),
                name="statement_days_are_in_order",
            ),
            models.CheckConstraint(
                condition=Q(first_seq__gte=1, last_seq__gte=F("first_seq") - 1), name="statement_entries_are_in_order"
            ),
            models.CheckConstraint(condition=sane("made_at") & somebody("id"), name="statement_is_sane"),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} statement {self.number} of account {self.account_id}"

    @property
    def is_monthly(self) -> bool:
        return self.kind == self.Kind.MONTHLY

    @property
    def count(self) -> int:
        """How many entries it covers."""
        return self.last_seq - self.first_seq + 1

    @property
    def parts(self) -> int:
        """How many PDFs it takes: one for each so many entries, at least one."""
        return max(1, -(-self.count // PART))

    @property
    def is_large(self) -> bool:
        """Its PDF is made by the worker."""
        return self.count > PDF_AT_ONCE

    @property
    def period(self) -> str:
        return period_name(self.first_day, self.last_day, whole_month=self.is_monthly)

    @property
    def label(self) -> str:
        return label_of(self.number, monthly=self.is_monthly)


def period_name(first_day: date, last_day: date, *, whole_month: bool) -> str:
    """ "October 2026" for a month, else "3 October to 11 November 2026": in English, whatever is active."""
    if whole_month:
        return format_date(first_day, "MMMM y", locale=regions.BANKS)
    last = format_date(last_day, "d MMMM y", locale=regions.BANKS)
    if first_day == last_day:
        return last
    first = format_date(first_day, "d MMMM" if first_day.year == last_day.year else "d MMMM y", locale=regions.BANKS)
    return f"{first} to {last}"


def label_of(number: int, *, monthly: bool) -> str:
    """ "7" for the seventh month, "R2" for the second that was asked for."""
    return str(number) if monthly else f"R{number}"


def bounds(first_day: date, last_day: date, zone: ZoneInfo) -> tuple[datetime, datetime]:
    """When the first day begins, and when the day after the last one does."""
    begins = datetime.combine(first_day, time(), zone)
    return begins, datetime.combine(last_day + timedelta(days=1), time(), zone)


class Seal(models.Model):
    """The bank's signature under a statement's JSON, which the worker makes: it has the key. Empty until then."""

    statement = models.OneToOneField(Statement, models.PROTECT, primary_key=True, related_name="seal")
    note = models.TextField(blank=True)

    class Meta:
        indexes = [models.Index(name="seal_to_be_made", fields=["statement"], condition=Q(note=""))]

    def __str__(self) -> str:
        return f"seal of {self.statement_id}"


class MonthlyRun(Due):
    """That every wallet gets the statement of this month: how far the worker has come, by account."""

    month = models.DateField(primary_key=True)  # its first day
    done_up_to = models.BigIntegerField(default=0, help_text="The last account whose statements are made.")

    class Meta:
        indexes = [due_index("monthly_run_due")]
        constraints = [models.CheckConstraint(condition=Q(month__day=1), name="run_is_of_a_month")]

    def __str__(self) -> str:
        return f"statements of {self.month:%Y-%m}"


class PdfPart(Due):
    """A PDF that the worker makes of one part of a large statement, and keeps for a week. Parts count from 1."""

    statement = models.ForeignKey(Statement, models.CASCADE, related_name="pdf_parts", db_index=False)
    part = models.PositiveIntegerField()
    asked_at = models.DateTimeField(default=timezone.now)
    made_at = models.DateTimeField(null=True)
    pdf = models.BinaryField(null=True)

    class Meta:
        indexes = [
            due_index("pdf_part_due"),
            models.Index(name="pdf_part_made", fields=["made_at"], condition=Q(made_at__isnull=False)),
        ]
        constraints = [
            models.UniqueConstraint(fields=["statement", "part"], name="one_pdf_a_part"),
            models.CheckConstraint(condition=Q(part__gte=1), name="pdf_part_counts_from_one"),
        ]

    def __str__(self) -> str:
        return f"part {self.part} of statement {self.statement_id}"
