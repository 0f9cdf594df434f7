"""Telling people: written down in the transaction of what happened, and so told if and only if it did."""

from collections.abc import Iterable
from typing import NamedTuple
from uuid import UUID, uuid4

from notices.models import Kind, Outbox


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
