"""Links in mails, which open an account or make a new password."""

from uuid import uuid4

from django.db import models
from django.utils import timezone


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
