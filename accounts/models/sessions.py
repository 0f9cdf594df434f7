"""Sessions, and what was opened in them for a while."""

from datetime import timedelta
from uuid import uuid4

from django.conf import settings
from django.contrib.sessions.backends.base import SessionBase
from django.contrib.sessions.base_session import AbstractBaseSession
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.module_loading import import_string

from accounts.models.users import User
from accounts.sessions import user_agents


class SessionQuerySet(models.QuerySet["Session"]):
    def alive(self) -> "SessionQuerySet":
        """Not past its end, and used lately enough if somebody is signed in."""
        now = timezone.now()
        idle = now - timedelta(seconds=settings.SESSION_IDLE_SECONDS)
        set_up_idle = now - timedelta(seconds=settings.SET_UP_IDLE_SECONDS)
        return self.filter(expire_date__gt=now).filter(
            Q(user=None) | Q(last_used_at__gt=idle) | Q(verified=False, last_used_at__gt=set_up_idle)
        )


class Session(AbstractBaseSession):
    """A browser's session. The key column holds the key's digest: a stolen table signs nobody in."""

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    session_key = models.CharField(max_length=64, unique=True, editable=False)
    # The digest of the key before the last change of it: who still comes with that one is in a window of this browser.
    former_key = models.CharField(max_length=64, blank=True, default="", db_default="", editable=False)
    user = models.ForeignKey(User, on_delete=models.CASCADE, null=True, related_name="sessions")
    verified = models.BooleanField(default=False)
    started_at = models.DateTimeField(default=timezone.now)
    last_used_at = models.DateTimeField(default=timezone.now)
    address = models.GenericIPAddressField(null=True)
    agent = models.CharField(max_length=200, blank=True)

    class Meta(AbstractBaseSession.Meta):
        indexes = [models.Index(name="session_by_former_key", fields=["former_key"], condition=~Q(former_key=""))]

    objects = SessionQuerySet.as_manager()  # type: ignore[assignment,misc]

    @classmethod
    def get_session_store_class(cls) -> type[SessionBase]:
        """By the setting's name: the rows know nothing of the store that stands on them."""
        store: type[SessionBase] = import_string(f"{settings.SESSION_ENGINE}.SessionStore")
        return store

    def __str__(self) -> str:
        return str(self.id)

    @property
    def device(self) -> str:
        return user_agents.device_name(self.agent)


class StepUp(models.Model):
    """A PIN given in this session, for a while. In a row of its own, so that no slow request can restore it."""

    session = models.ForeignKey(Session, on_delete=models.CASCADE, related_name="step_ups")
    kind = models.CharField(max_length=10)
    expires_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(name="step_up_session_kind", fields=["session", "kind"])]

    def __str__(self) -> str:
        return f"{self.kind} until {self.expires_at:%H:%M:%S}"
