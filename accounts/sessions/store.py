"""Sessions in rows of our own: keyed by a digest, with user, device and times, so that they can be listed and ended.

Five idle minutes and twelve hours in all end a signed-in session (RTS Art. 4(3)(d); ASVS 5, 7.3.1 and 7.3.2).
"""

import hashlib
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.contrib.auth import SESSION_KEY as USER_ID
from django.contrib.sessions.backends.base import CreateError, UpdateError
from django.contrib.sessions.backends.db import SessionStore as DatabaseStore
from django.contrib.sessions.exceptions import SessionInterrupted
from django.db import IntegrityError, transaction
from django.utils import timezone
from django_otp import DEVICE_ID_SESSION_KEY as DEVICE_ID

from accounts.models import Session


def digest(session_key: str) -> str:
    """The row's key. Session keys carry 165 random bits, so a plain digest cannot be reversed by trying."""
    return hashlib.sha256(session_key.encode()).hexdigest()


class SessionStore(DatabaseStore):
    """Django's database store over `accounts.models.Session`. `row` is the row as loaded, None before that."""

    row: Session | None = None
    rotated = False  # this request has given the session a new key, which its answer must carry
    replaced = False  # the browser came with a key that another request has replaced, and has the new one by now
    ended = False  # this request has ended the session, so that the browser may forget its key

    @classmethod
    def get_model_class(cls) -> type[Session]:
        return Session

    def exists(self, session_key: str) -> bool:
        return Session.objects.filter(session_key=digest(session_key)).exists()

    def load(self) -> dict[str, Any]:
        self.row = Session.objects.alive().filter(session_key=digest(self.session_key or "")).first()
        if self.row is None:
            former = digest(self.session_key or "")
            self.replaced = Session.objects.alive().filter(former_key=former).exists()
            self._session_key = None
            return {}
        return self.decode(self.row.session_data)

    def save(self, must_create: bool = False) -> None:
        """Raises UpdateError when the row is gone or its key was rotated: a slow request restores nothing."""
        if self.session_key is None:
            return self.create()
        data = self._get_session(no_load=must_create)  # type: ignore[attr-defined]
        columns = {
            "session_data": self.encode(data),
            "user_id": data.get(USER_ID),
            "verified": DEVICE_ID in data,
        }
        key = digest(self.session_key)
        if must_create:
            ends = timezone.now() + timedelta(seconds=settings.SESSION_COOKIE_AGE)
            try:
                with transaction.atomic():
                    self.row = Session.objects.create(session_key=key, expire_date=ends, **columns)
            except IntegrityError:
                raise CreateError from None
        elif not Session.objects.filter(session_key=key).update(**columns):
            raise UpdateError
        return None

    def seconds_left(self) -> int:
        """Until this session ends if it is not used again; 0 for none."""
        row = Session.objects.alive().filter(session_key=digest(self.session_key or "")).first()
        if row is None:
            return 0
        idle = settings.SESSION_IDLE_SECONDS if row.verified else settings.SET_UP_IDLE_SECONDS
        ends = min(row.expire_date, row.last_used_at + timedelta(seconds=idle))
        return max(0, int((ends - timezone.now()).total_seconds()))

    def delete(self, session_key: str | None = None) -> None:
        key = session_key or self.session_key
        if key:
            Session.objects.filter(session_key=digest(key)).delete()

    def cycle_key(self) -> None:
        """A new key for the same row: what hangs on the row (step-ups, its age) stays, the old key opens nothing."""
        old, data = self.session_key, self._get_session()  # type: ignore[attr-defined]
        if not old:
            self.create()
            self._session_cache = data
            return
        new = self._get_new_session_key()  # type: ignore[attr-defined]
        if not Session.objects.filter(session_key=digest(old)).update(session_key=digest(new), former_key=digest(old)):
            raise SessionInterrupted("The key was changed, or the session ended, while this was on its way.")
        self._session_key = new
        self.modified = self.rotated = True

    def flush(self) -> None:
        super().flush()
        self.ended = True

    @classmethod
    def clear_expired(cls) -> None:
        Session.objects.exclude(pk__in=Session.objects.alive().values("pk")).delete()
