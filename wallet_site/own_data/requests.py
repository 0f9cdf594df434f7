"""Asking for one's data, making the file, and its end."""

from datetime import timedelta

from django.db import transaction
from django.http import HttpRequest
from django.utils import timezone

from accounts import events
from accounts.entry.changing.change import changing, tell
from accounts.models import User
from wallet_site.own_data import archive
from wallet_site.own_data.models import Archive, Request
from work import due

DAYS = 7
KEPT_DAYS = 30
CLAIM_SECONDS = 600.0  # longer than any file takes
MOST_TRIES = 5


def ask(request: HttpRequest, user: User) -> None:
    """One waits at a time: a second wish is the first one's. The file made before is gone. Raises ChangedMeanwhile."""
    with changing(user, user.session_stamp):
        if user.own_data_requests.filter(next_at__isnull=False).exists():
            return
        Archive.objects.filter(request__user=user).delete()
        user.own_data_requests.filter(expires_at__gt=timezone.now()).update(expires_at=timezone.now())
        Request.objects.create(user=user)
        events.record(request, user, events.Kind.OWN_DATA_ASKED)
        tell(user, events.Kind.OWN_DATA_ASKED)


def latest(user: User) -> Request | None:
    return user.own_data_requests.order_by("-asked_at").first()


def make_one() -> int:
    """For the worker: the file of one wish, if any waits."""
    claimed = due.claim(Request.objects.all(), most=1, seconds=CLAIM_SECONDS)
    for wish in claimed:
        try:
            content = archive.of(wish.user)
        except Exception:
            due.give_up(wish) if wish.tries >= MOST_TRIES else due.postpone(wish)
            raise
        _keep(wish, content)
    return len(claimed)


def _keep(wish: Request, content: bytes) -> None:
    """With its end, in one transaction; nothing where another worker took the claim over."""
    now = timezone.now()
    with transaction.atomic():
        if due.finish(wish):
            Archive.objects.create(request=wish, content=content)
            Request.objects.filter(pk=wish.pk).update(made_at=now, expires_at=now + timedelta(days=DAYS))


def forget() -> None:
    """For `clear_expired`: files that are over, and the wishes a month later."""
    now = timezone.now()
    Archive.objects.filter(request__expires_at__lte=now).delete()
    Request.objects.filter(next_at=None, asked_at__lt=now - timedelta(days=KEPT_DAYS)).delete()
