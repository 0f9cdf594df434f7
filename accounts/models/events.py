"""The security log."""

from datetime import UTC, datetime

from django.db import models
from django.db.models import Q
from django.utils import timezone

from accounts.models.users import User
from accounts.sessions import user_agents


class SecurityEvent(models.Model):
    """What happened around a user's secrets. Append-only: the database refuses to change or delete one."""

    class Kind(models.TextChoices):
        JOINED = "joined", "Account opened"
        SIGNED_IN = "signed_in", "Signed in"
        SIGNED_OUT = "signed_out", "Signed out"
        SIGN_IN_REFUSED = "sign_in_refused", "Sign-in refused"
        LOCKED = "locked", "Locked after wrong tries"
        RECOVERY_USED = "recovery_used", "Recovery code used"
        STEPPED_UP = "stepped_up", "Balance shown"
        PIN_REFUSED = "pin_refused", "Wrong PIN"
        SECRET_REFUSED = "secret_refused", "Wrong password or code"
        APPROVAL_REFUSED = "approval_refused", "Wrong PIN or code for a payment"
        AUTHENTICATOR_SET = "authenticator_set", "Authenticator set up"
        RECOVERY_ISSUED = "recovery_issued", "Recovery codes issued"
        PASSWORD_CHANGED = "password_changed", "Password changed"
        PINS_CHANGED = "pins_changed", "PINs changed"
        SESSION_ENDED = "session_ended", "Session ended"
        EMAIL_ASKED = "email_asked", "Another email address asked for"
        EMAIL_CHANGED = "email_changed", "Email address changed"
        EMAIL_STOPPED = "email_stopped", "Email change stopped"
        NAME_ASKED = "name_asked", "Another name asked for"
        NAME_CHANGED = "name_changed", "Name changed"
        NAME_REFUSED = "name_refused", "Name change refused"
        OWN_DATA_ASKED = "own_data_asked", "Own data asked for"
        OWN_DATA_FETCHED = "own_data_fetched", "Own data downloaded"
        STAFF_VIEWED = "staff_viewed", "Viewed by staff"
        WRITE_REFUSED = "write_refused", "Change refused"

    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="security_events")
    kind = models.CharField(max_length=20, choices=Kind)
    at = models.DateTimeField(default=timezone.now)
    address = models.GenericIPAddressField(null=True)
    agent = models.CharField(max_length=200, blank=True)
    actor = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")

    class Meta:
        indexes = [models.Index(name="security_event_of_user", fields=["user", "-at"])]
        constraints = [
            models.CheckConstraint(
                name="security_event_time_is_sane",
                condition=Q(at__gte=datetime(1900, 1, 1, tzinfo=UTC), at__lt=datetime(9999, 1, 1, tzinfo=UTC)),
            )
        ]
        ordering = ["-at", "-id"]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.at:%Y-%m-%d %H:%M}"

    @property
    def device(self) -> str:
        return user_agents.device_name(self.agent)
