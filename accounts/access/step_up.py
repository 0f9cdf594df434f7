"""A PIN given in this session opens what it opens for a while (`settings.VIEW_UNLOCK_SECONDS`).

Each step-up is a row of its own that hangs on the session's row, never a value in the session: sessions are saved
whole, so a slow request could bring "unlocked" back after it ended.
"""

from datetime import datetime, timedelta

from django.conf import settings
from django.contrib.sessions.exceptions import SessionInterrupted
from django.db import IntegrityError, transaction
from django.http import HttpRequest
from django.utils import timezone

from accounts.models import Session, StepUp
from accounts.sessions.store import digest


def grant(request: HttpRequest, kind: str = "view", *, seconds: int | None = None) -> None:
    """Start or renew it, for VIEW_UNLOCK_SECONDS unless told, under a new session key (ASVS 5, 7.2.4).

    Key and row are one transaction. Raises SessionInterrupted when the session ended, or got another key, meanwhile.
    """
    ends = timezone.now() + timedelta(seconds=seconds or settings.VIEW_UNLOCK_SECONDS)
    try:
        with transaction.atomic():
            request.session.cycle_key()
            session = Session.objects.filter(session_key=digest(request.session.session_key or "")).first()
            if session is None:
                raise SessionInterrupted("The session ended while this was on its way.")
            StepUp.objects.update_or_create(session=session, kind=kind, defaults={"expires_at": ends})
    except IntegrityError as error:  # the session was deleted between the two statements
        raise SessionInterrupted("The session ended while this was on its way.") from error


def active(request: HttpRequest, kind: str = "view") -> bool:
    return active_until(request, kind) is not None


def active_until(request: HttpRequest, kind: str = "view") -> datetime | None:
    """When it ends; None when there is none."""
    key = request.session.session_key
    if not key:
        return None
    granted = StepUp.objects.filter(session__session_key=digest(key), kind=kind, expires_at__gt=timezone.now())
    return granted.values_list("expires_at", flat=True).first()


def revoke(request: HttpRequest, kind: str = "view") -> None:
    StepUp.objects.filter(session__session_key=digest(request.session.session_key or ""), kind=kind).delete()
