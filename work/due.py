"""Rows that wait for the worker: tables of the domain are its queue (docs/adr/0042-tables-are-the-queue.md).

A worker claims rows for a while, does what they ask for outside any transaction, and says what came of it. One that was
killed says nothing: its claim runs out, and the row is claimed again. So each effect needs an id made before it is
tried, by which a second try finds the first one's.
"""

from collections.abc import Sequence
from datetime import timedelta
from typing import TypeVar

from django.apps import apps
from django.db import models, transaction
from django.db.models import F, Q
from django.utils import timezone

FIRST_PAUSE, LONGEST_PAUSE = 30, 6 * 3600  # seconds


class Due(models.Model):
    """`next_at` is when it is to be tried, or tried again; None once it is done or given up."""

    next_at = models.DateTimeField(null=True, default=timezone.now)
    claimed_until = models.DateTimeField(null=True, editable=False)
    tries = models.PositiveSmallIntegerField(default=0, editable=False)
    gave_up_at = models.DateTimeField(null=True, editable=False)

    class Meta:
        abstract = True


Row = TypeVar("Row", bound=Due)


def due_index(name: str) -> models.Index:
    """For the table's Meta: finding what is due costs the same however much was done before."""
    return models.Index(name=name, fields=["next_at"], condition=Q(next_at__isnull=False))


def claim(rows: models.QuerySet[Row], *, most: int, seconds: float) -> list[Row]:
    """Up to `most` due rows, oldest first, for so many seconds; those that another worker holds are passed over."""
    now = timezone.now()
    free = Q(claimed_until=None) | Q(claimed_until__lte=now)
    with transaction.atomic():
        found = list(rows.filter(free, next_at__lte=now).order_by("next_at").select_for_update(skip_locked=True)[:most])
        until = now + timedelta(seconds=seconds)
        rows.model._default_manager.filter(pk__in=[row.pk for row in found]).update(
            claimed_until=until, tries=F("tries") + 1
        )
    for row in found:
        row.claimed_until, row.tries = until, row.tries + 1
    return found


def finish(row: Due) -> bool:
    """It is done. False when the claim had run out and somebody else took it: what was done twice has one id."""
    return _release(row, next_at=None)


def finish_all(rows: Sequence[Row]) -> None:
    """The same for several rows of one table, in one statement and in the transaction that claimed them."""
    for table in {type(row) for row in rows}:
        table._default_manager.filter(pk__in=[row.pk for row in rows]).update(claimed_until=None, next_at=None)


def postpone(row: Due, *, seconds: float | None = None, **why: object) -> bool:
    """It could not be done: again in so many seconds, unless told after a pause that doubles with each try."""
    pause = seconds if seconds is not None else pause_after(row.tries)
    return _release(row, next_at=timezone.now() + timedelta(seconds=pause), **why)


def pause_after(tries: int) -> float:
    """Seconds: 30, 60, 120, … up to six hours."""
    return min(FIRST_PAUSE * 2.0 ** min(tries - 1, 60), LONGEST_PAUSE)


def put_back(row: Due) -> bool:
    """It was not tried after all: anybody may, at once."""
    return _release(row, tries=F("tries") - 1)


def give_up(row: Due, **why: object) -> bool:
    """It will not be tried again, and staff are shown it. `why`: columns of the table's own that say so."""
    return _release(row, next_at=None, gave_up_at=timezone.now(), **why)


def _release(row: Due, **values: object) -> bool:
    rows = type(row)._default_manager.filter(pk=row.pk, claimed_until=row.claimed_until)
    return bool(rows.update(claimed_until=None, **values))


def tables() -> list[type[Due]]:
    """All that wait for the worker."""
    return [table for table in apps.get_models() if issubclass(table, Due)]


def lag(tables: Sequence[type[Due]]) -> timedelta:
    """How long what waits longest has been due; nothing when nothing is."""
    now = timezone.now()
    oldest = [
        first
        for table in tables
        if (
            first := table._default_manager.filter(next_at__lte=now)
            .order_by("next_at")
            .values_list("next_at", flat=True)
            .first()
        )
    ]
    return now - min(oldest, default=now)
