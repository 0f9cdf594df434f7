"""When a session was last used, from where and with what."""

from datetime import timedelta

from django.http import HttpRequest
from django.utils import timezone

from accounts.models import Session
from web import visitors

TOUCH_SECONDS = 30


def touch(request: HttpRequest, *, now: bool = False) -> None:
    """Note the use of this session, at most every 30 seconds unless it has to be now."""
    row = getattr(request.session, "row", None)
    moment = timezone.now()
    lately = row is not None and row.agent and row.last_used_at > moment - timedelta(seconds=TOUCH_SECONDS)
    if row is None or (lately and not now):
        return
    Session.objects.filter(pk=row.pk).update(
        last_used_at=moment, address=visitors.address(request), agent=visitors.agent(request)
    )
