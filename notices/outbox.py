"""Telling people: written down in the transaction of what happened, and so told if and only if it did."""

from collections.abc import Iterable
from datetime import timedelta
from typing import NamedTuple
from uuid import UUID, uuid4

from django.utils import timezone

from notices.models import Kind, Letter, Outbox

KEPT = timedelta(days=90)  # many times as long as anything is tried again, and told again if these were gone


class Word(NamedTuple):
    """One thing for one person to know."""

    user_id: UUID
    kind: Kind
    about: UUID
    data: dict[str, object]


def tell(user_id: UUID, kind: str, *, about: UUID | None = None, **data: object) -> None:
    """In the caller's transaction, on whichever alias that is. Telling of the same (`about`) twice is telling once.

    `data` is small and is mailed: never a secret, never a balance. Amounts are in minor units. Raises ValueError for
    a kind that is none.
    """
    tell_each([Word(user_id, Kind(kind), about or uuid4(), data)])


def tell_each(words: Iterable[Word]) -> None:
    """All of them, in one statement. It reads nothing, so inside serializable() it costs nobody a retry."""
    rows = [Outbox(user_id=word.user_id, kind=word.kind, about=word.about, data=word.data) for word in words]
    Outbox.objects.bulk_create(rows, ignore_conflicts=True)


def forget() -> None:
    """For `clear_expired`: what was told, and mailed, long ago. What was given up stays for staff."""
    for table in (Outbox, Letter):
        table._default_manager.filter(next_at=None, gave_up_at=None, at__lt=timezone.now() - KEPT).delete()
