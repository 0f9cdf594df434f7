"""A customer's notices: a page of them, how many are unread, and reading them."""

from typing import NamedTuple
from uuid import UUID

from django.db import OperationalError
from django.db.models import Q
from django.utils import timezone

from accounts.models import User
from notices.models import Notice

PAGE_SIZE = 20
MOST_COUNTED = 100


class Page(NamedTuple):
    notices: list[Notice]
    older: UUID | None  # the last one's id, where there are older ones


def page(user: User, *, before: Notice | None = None, size: int = PAGE_SIZE) -> Page:
    """Newest first, by key: one that arrives between two pages moves nothing."""
    notices = Notice.objects.filter(user=user).order_by("-at", "-id")
    if before is not None:
        notices = notices.filter(Q(at__lt=before.at) | Q(at=before.at, id__lt=before.id), at__lte=before.at)
    found = list(notices[: size + 1])
    return Page(found[:size], found[size - 1].id if len(found) > size else None)


def unread(user: User) -> int:
    """At most MOST_COUNTED: no more rows are looked at."""
    return Notice.objects.filter(user=user).unread()[:MOST_COUNTED].count()


def unread_text(user: User) -> str:
    """As the bell shows it: "" for none, "99+" for a hundred and more.

    "" also while the database is away: a page that says so is made without it.
    """
    try:
        found = unread(user)
    except OperationalError:
        return ""
    return f"{MOST_COUNTED - 1}+" if found == MOST_COUNTED else str(found or "")


def read(notice: Notice) -> None:
    Notice.objects.filter(pk=notice.pk).unread().update(read_at=timezone.now())


def read_all(user: User, *, until: Notice) -> None:
    """Those that were there when `until` was the newest: one that has arrived since was not seen."""
    Notice.objects.filter(user=user, at__lte=until.at).unread().update(read_at=timezone.now())
