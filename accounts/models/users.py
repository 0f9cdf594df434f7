"""Customers and staff: who they are, and their secrets as hashes."""

from collections.abc import Iterable
from typing import TYPE_CHECKING
from uuid import UUID, uuid4

from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.models import PermissionsMixin
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower
from django.utils import timezone
from django.utils.crypto import salted_hmac
from django_otp.models import Device

from accounts.credentials import hashing
from accounts.credentials.hashing import Kind
from accounts.people import emails, handles
from inputs import text as typed

if TYPE_CHECKING:
    from accounts.models.name_wishes import NameWish

LONGEST_TYPED = 1016  # characters of an email address or a handle, with what a copy brings along


def refuse_control(text: str) -> None:
    """Raises ValidationError: no name has control characters."""
    if typed.has_control(text):
        raise ValidationError("A name cannot have control characters.")


class UserManager(BaseUserManager["User"]):
    def by_email(self, text: str) -> "User | None":
        """Whose mailbox it is, in whichever way the address is written."""
        return self.filter(email=emails.normalise(text)).first() if len(text) <= LONGEST_TYPED else None

    def by_handle(self, text: str) -> "User | None":
        """The customer behind "@ada", "ada" or "ADA"."""
        return self.filter(handle=handles.normalise(text)).first() if len(text) <= LONGEST_TYPED else None

    def get_by_natural_key(self, username: str | None) -> "User":
        user = self.by_email(username or "")
        if user is None:
            raise self.model.DoesNotExist
        return user

    def create_user(self, *, email: str, full_name: str, handle: str, password: str | None = None) -> "User":
        """A customer. Raises IntegrityError for an email or handle taken, ValidationError for no email or no name."""
        refuse_control(full_name)
        user: User = self.model(email=emails.clean(email), full_name=full_name, handle=handles.normalise(handle))
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_staff(self, *, email: str, full_name: str, password: str | None = None) -> "User":
        """A member of staff without any right yet: rights come by group. Raises ValidationError."""
        refuse_control(full_name)
        user: User = self.model(email=emails.clean(email), full_name=full_name, handle=None, is_staff=True)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, *, email: str, full_name: str, password: str | None = None) -> "User":
        refuse_control(full_name)
        user: User = self.model(
            email=emails.clean(email), full_name=full_name, handle=None, is_staff=True, is_superuser=True
        )
        user.set_password(password)
        user.save(using=self._db)
        return user


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
    # In whose way amounts and dates are written for a customer, and by whose clock: see web.regions. Blank: the bank's.
    region = models.CharField(max_length=10, blank=True, default="", db_default="", editable=False)
    time_zone = models.CharField(max_length=64, blank=True, default="", db_default="", editable=False)
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
    def latest_name_wish(self) -> "NameWish | None":
        """Another name that the customer asked for last, decided or not."""
        return self.name_wishes.order_by("-asked_at").first()

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

    # Secrets. A page never compares one itself: it calls accounts.guard.attempts.prove, which counts the tries.

    def set_password(self, raw_password: str | None) -> None:
        if raw_password is None:
            self.set_unusable_password()
        else:
            self.password = hashing.make(Kind.PASSWORD, self.id, raw_password)
        self.session_stamp = uuid4()

    def check_password(self, raw_password: str | None) -> bool:
        return hashing.matches(Kind.PASSWORD, self.id, raw_password or "", self.password)

    def set_pins(self, *, view: str, payment: str) -> None:
        self.view_pin = hashing.make(Kind.VIEW_PIN, self.id, view)
        self.payment_pin = hashing.make(Kind.PAYMENT_PIN, self.id, payment)

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
