"""What stands for the second factor: the authenticator, and the one-time codes that stand in for it."""

from uuid import UUID, uuid4

from django.db import models
from django.utils import timezone
from django_otp.models import Device, DeviceManager

from accounts.credentials import totp
from accounts.errors import CodeUsed, WrongSecret
from accounts.models.users import User


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
    """One of ten codes that stand in for the authenticator, each once. Kept as a hash, see recovery_codes.py."""

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
