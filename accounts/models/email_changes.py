"""Another email that a user wants to have."""

from uuid import uuid4

from django.db import models
from django.db.models import Q
from django.utils import timezone

from accounts.models.users import User


class EmailChange(models.Model):
    """Another email, which counts once the links in both mailboxes were opened. Each link is kept as a digest.

    `stamp` is the user's `session_stamp` as it was asked: a secret changed meanwhile ends the wish.
    """

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="email_changes")
    old_email = models.EmailField()
    new_email = models.EmailField()
    old_digest = models.CharField(max_length=64, unique=True, editable=False)
    new_digest = models.CharField(max_length=64, unique=True, editable=False)
    stamp = models.UUIDField(editable=False)
    created_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField()
    old_opened_at = models.DateTimeField(null=True)
    new_opened_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    is_done = models.BooleanField(default=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(name="email_change_one_waiting", fields=["user"], condition=Q(ended_at=None)),
            models.CheckConstraint(
                name="email_change_done_when_both_opened",
                condition=Q(is_done=False)
                | Q(ended_at__isnull=False, old_opened_at__isnull=False, new_opened_at__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"email change of {self.user_id}"
