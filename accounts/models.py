"""Who you are, what proves it, and the counters that stop guessing.

No row here holds a secret that can be read back: passwords and PINs are peppered hashes, recovery codes keyed digests,
mailed tokens and session keys digests, authenticator seeds are encrypted.
"""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING
from uuid import UUID, uuid4

from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.auth.models import PermissionsMixin
from django.contrib.sessions.base_session import AbstractBaseSession
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower
from django.utils import timezone
from django.utils.crypto import salted_hmac
from django_otp.models import Device, DeviceManager

from accounts import browsers, emails, handles, secrets, totp
from accounts.errors import CodeUsed, WrongSecret
from accounts.managers import UserManager
from accounts.secrets import Kind

if TYPE_CHECKING:
    from accounts.sessions import SessionStore


class User(AbstractBaseUser, PermissionsMixin):  # type: ignore[django-manager-missing]  # django-otp has no types
    """A customer, or a member of staff. Staff have no handle, no PINs and no wallet."""

    class NameReview(models.TextChoices):
        """Why staff should look at what a customer is called."""

        NAME = "name", "The name might be the bank’s"
        HANDLE = "handle", "The @handle might be the bank’s"
        REFUSED = "refused", "Accepted once, would be refused today"

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    email = models.EmailField("email address", unique=True)
    full_name = models.CharField(max_length=100)
    handle = models.CharField(max_length=20, unique=True, null=True, blank=True)
    handle_skeleton = models.CharField(max_length=20, unique=True, null=True, editable=False)
    view_pin = models.CharField(max_length=128, blank=True, editable=False)
    payment_pin = models.CharField(max_length=128, blank=True, editable=False)
    recovery_saved_at = models.DateTimeField(null=True, editable=False)
    # When the first authenticator was confirmed: from then on a password alone never opens enrolment again.
    enrolled_at = models.DateTimeField(null=True, editable=False)
    # Part of every session's check value: a new stamp ends them all.
    session_stamp = models.UUIDField(default=uuid4, editable=False)
    name_review = models.CharField(
        max_length=10, choices=NameReview, blank=True, default="", db_default="", editable=False
    )
    name_review_at = models.DateTimeField(null=True, editable=False)
    is_staff = models.BooleanField(default=False)
    is_active = models.BooleanField(default=True)
    date_joined = models.DateTimeField(default=timezone.now)

    objects = UserManager()

    # django-otp's middleware fills it in: the device that verified this session.
    otp_device: Device | None = None

    USERNAME_FIELD = "email"
    REQUIRED_FIELDS = ["full_name"]

    class Meta:
        constraints = [
            models.CheckConstraint(name="user_email_lower", condition=Q(email=Lower("email"))),
            models.CheckConstraint(name="user_handle_form", condition=Q(handle__regex=f"^{handles.PATTERN}$")),
            models.CheckConstraint(
                name="user_customer_has_handle",
                condition=Q(is_staff=True, handle__isnull=True) | Q(is_staff=False, handle__isnull=False),
            ),
            models.CheckConstraint(
                name="user_handle_with_skeleton",
                condition=Q(handle__isnull=True, handle_skeleton__isnull=True)
                | Q(handle__isnull=False, handle_skeleton__isnull=False),
            ),
            models.CheckConstraint(
                name="user_name_review_has_time",
                condition=Q(name_review="", name_review_at__isnull=True)
                | (~Q(name_review="") & Q(name_review_at__isnull=False)),
            ),
            # It stands for "none" where the books are hashed.
            models.CheckConstraint(name="user_is_somebody", condition=~Q(id=UUID(int=0))),
        ]

    def __str__(self) -> str:
        return f"@{self.handle}" if self.handle else self.email

    def save(self, **options: object) -> None:
        self.handle_skeleton = handles.skeleton(self.handle) if self.handle else None
        super().save(**options)  # type: ignore[arg-type]

    @property
    def is_customer(self) -> bool:
        return not self.is_staff

    def is_verified(self) -> bool:
        """Whether a second factor was given in this session."""
        return self.otp_device is not None

    def ask_for_review(self, reason: str) -> None:
        """Put the customer on the staff's list "Names to look at". Does not save."""
        self.name_review, self.name_review_at = reason, timezone.now()

    @property
    def email_shown(self) -> str:
        """The email as its owner writes it, for pages."""
        return emails.shown(self.email)

    @property
    def initials(self) -> str:
        """One or two letters for the round badge beside a name."""
        letters = [next(filter(str.isalnum, word), "") for word in self.full_name.split()]
        return "".join(letters[:1] + letters[1:][-1:]).upper()

    def get_full_name(self) -> str:
        return self.full_name

    def get_short_name(self) -> str:
        return self.full_name.split()[0] if self.full_name.strip() else ""

    # Secrets. A page never compares one itself: it calls accounts.attempts.prove, which counts the tries.

    def set_password(self, raw_password: str | None) -> None:
        if raw_password is None:
            self.set_unusable_password()
        else:
            self.password = secrets.make(Kind.PASSWORD, self.id, raw_password)
        self.session_stamp = uuid4()

    def check_password(self, raw_password: str | None) -> bool:
        return secrets.matches(Kind.PASSWORD, self.id, raw_password or "", self.password)

    def set_pins(self, *, view: str, payment: str) -> None:
        self.view_pin = secrets.make(Kind.VIEW_PIN, self.id, view)
        self.payment_pin = secrets.make(Kind.PAYMENT_PIN, self.id, payment)

    def get_session_auth_hash(self) -> str:
        """Django's check value for sessions, over the stamp: rehashing a password under a new key ends no session."""
        return salted_hmac("accounts.User.session", self.session_stamp.hex, algorithm="sha256").hexdigest()

    def get_session_auth_fallback_hash(self) -> Iterable[str]:
        for old_key in settings.SECRET_KEY_FALLBACKS:
            yield salted_hmac(
                "accounts.User.session", self.session_stamp.hex, secret=old_key, algorithm="sha256"
            ).hexdigest()

    def is_enrolled(self) -> bool:
        """Whether there is, or ever was, an authenticator to ask for a code."""
        return self.enrolled_at is not None or self.authenticators.filter(confirmed=True).exists()

    def missing_step(self) -> str | None:
        """The name of the set-up page still to be done, None when set-up is finished."""
        if not self.is_verified() and not self.is_enrolled():
            return "accounts:setup_totp"
        if not self.recovery_saved_at:
            return "accounts:setup_recovery"
        if self.is_customer and not (self.view_pin and self.payment_pin):
            return "accounts:setup_pins"
        return None


class Authenticator(Device):
    """An app that shows time-based codes (RFC 6238). Its seed is encrypted, bound to this user and this device."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="authenticators")
    public_id = models.UUIDField(default=uuid4, unique=True, editable=False)
    key_id = models.CharField(max_length=16, editable=False)
    sealed_seed = models.BinaryField(editable=False)
    # The 30-second step of the last code accepted; a step is accepted once.
    last_step = models.BigIntegerField(default=-1, editable=False)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    objects: models.Manager["Authenticator"] = DeviceManager()

    class Meta:
        constraints = [
            models.UniqueConstraint(name="authenticator_one_each", fields=["user", "confirmed"]),
        ]

    def __str__(self) -> str:
        return f"authenticator of {self.user_id}"

    def seal(self, seed: bytes) -> None:
        """Encrypt the seed for this row, under the current key."""
        self.key_id, self.sealed_seed = totp.seal(seed, self._context())

    @property
    def seed(self) -> bytes:
        """The seed in clear. Raises UnknownKey, or InvalidTag for a row that was swapped or altered."""
        return totp.unseal(self.key_id, bytes(self.sealed_seed), self._context())

    def spend(self, code: str, *, at: float | None = None) -> None:
        """Accept a code once, ±1 step around `at` (Unix seconds). Raises WrongSecret or CodeUsed.

        The one conditional UPDATE decides between parallel uses of one code: no lock is needed around it.
        """
        step = totp.matching_step(self.seed, code, at)
        if step is None:
            raise WrongSecret
        rows = Authenticator.objects.filter(pk=self.pk, last_step__lt=step)
        if not rows.update(last_step=step):
            raise CodeUsed
        self.last_step = step

    def verify_token(self, token: str) -> bool:
        """django-otp's door to the same check; unlike it, never for a device that is not confirmed."""
        if not self.confirmed:
            return False
        try:
            self.spend(token)
        except (WrongSecret, CodeUsed):
            return False
        return True

    def _context(self) -> bytes:
        user_id: UUID = self.user_id
        return user_id.bytes + self.public_id.bytes


class RecoveryCode(models.Model):
    """One of ten codes that stand in for the authenticator, each once. Kept as a hash, see accounts.codes."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="recovery_codes")
    key_id = models.CharField(max_length=16, editable=False)
    digest = models.BinaryField(max_length=60, editable=False)
    created_at = models.DateTimeField(default=timezone.now)
    used_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(name="recovery_code_digest", fields=["user", "digest"])]

    def __str__(self) -> str:
        return f"recovery code of {self.user_id}"


class EnrolmentCode(models.Model):
    """The one-time code with which a member of staff signs in to enrol an authenticator."""

    user = models.OneToOneField(User, on_delete=models.CASCADE, related_name="enrolment_code")
    key_id = models.CharField(max_length=16, editable=False)
    digest = models.BinaryField(max_length=60, editable=False)
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"enrolment code of {self.user_id}"


class MailedToken(models.Model):
    """A link in a mail: single use, short-lived, stored as a digest.

    Whose it is, its email says: a line for somebody unknown is the same line, and takes as long to write.
    """

    class Purpose(models.TextChoices):
        JOIN = "join", "open an account"
        PASSWORD = "password", "choose a new password"

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    purpose = models.CharField(max_length=10, choices=Purpose)
    email = models.EmailField()
    digest = models.CharField(max_length=64, unique=True, editable=False)
    created_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["email"], name="mailed_tokens_by_email")]

    def __str__(self) -> str:
        return f"{self.purpose} link of {self.email}"


class Guard(models.Model):
    """The run of wrong tries at one secret of one subject. Written by accounts.attempts only.

    The subject is a user's id, or a pseudonym of it: a user on a known device, an email that nobody has.
    """

    subject = models.UUIDField()
    kind = models.CharField(max_length=10)
    failures = models.PositiveSmallIntegerField(default=0)
    # Reservations not yet settled: {reservation id: Unix seconds when it was made}
    pending = models.JSONField(default=dict)
    locks = models.PositiveSmallIntegerField(default=0)
    locked_until = models.DateTimeField(null=True)
    tried_at = models.DateTimeField(default=timezone.now, db_index=True)

    class Meta:
        constraints = [models.UniqueConstraint(name="guard_subject_kind", fields=["subject", "kind"])]

    def __str__(self) -> str:
        return f"{self.kind} of {self.subject}"


class Tally(models.Model):
    """How often something happened in a window of time: mails to an address, wrong tries from one."""

    scope = models.CharField(max_length=20)
    subject = models.UUIDField()
    count = models.PositiveIntegerField(default=0)
    ends_at = models.DateTimeField(db_index=True)

    class Meta:
        constraints = [models.UniqueConstraint(name="tally_scope_subject", fields=["scope", "subject"])]
        verbose_name_plural = "tallies"

    def __str__(self) -> str:
        return f"{self.scope} {self.subject}"


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
    user = models.ForeignKey(User, on_delete=models.CASCADE, null=True, related_name="sessions")
    verified = models.BooleanField(default=False)
    started_at = models.DateTimeField(default=timezone.now)
    last_used_at = models.DateTimeField(default=timezone.now)
    address = models.GenericIPAddressField(null=True)
    agent = models.CharField(max_length=200, blank=True)

    objects = SessionQuerySet.as_manager()  # type: ignore[assignment,misc]

    @classmethod
    def get_session_store_class(cls) -> type["SessionStore"]:
        from accounts.sessions import SessionStore

        return SessionStore

    def __str__(self) -> str:
        return str(self.id)

    @property
    def device(self) -> str:
        return browsers.device_name(self.agent)


class StepUp(models.Model):
    """A PIN given in this session, for a while. In a row of its own, so that no slow request can restore it."""

    session = models.ForeignKey(Session, on_delete=models.CASCADE, related_name="step_ups")
    kind = models.CharField(max_length=10)
    expires_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(name="step_up_session_kind", fields=["session", "kind"])]

    def __str__(self) -> str:
        return f"{self.kind} until {self.expires_at:%H:%M:%S}"


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
        return browsers.device_name(self.agent)
