"""What a customer asked to be given of themselves, and the file that the worker made of it."""

from uuid import uuid4

from django.db import models
from django.db.models import Q
from django.utils import timezone

from accounts.models import User
from work.due import Due, due_index


class Request(Due):
    """One wish. The worker makes its file, which is there until `expires_at`."""

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="own_data_requests")
    asked_at = models.DateTimeField(default=timezone.now)
    made_at = models.DateTimeField(null=True)
    expires_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [due_index("own_data_due")]
        constraints = [
            models.UniqueConstraint(name="own_data_one_waiting", fields=["user"], condition=Q(next_at__isnull=False)),
            models.CheckConstraint(
                name="own_data_made_until_some_day",
                condition=Q(made_at=None, expires_at=None) | Q(made_at__isnull=False, expires_at__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"own data of {self.user_id}"

    @property
    def is_waiting(self) -> bool:
        return self.next_at is not None

    @property
    def is_ready(self) -> bool:
        return self.expires_at is not None and self.expires_at > timezone.now()


class Archive(models.Model):
    """The file, in a table of its own: nothing else reads it by accident, and its end is one DELETE."""

    request = models.OneToOneField(Request, on_delete=models.CASCADE, primary_key=True, related_name="archive")
    content = models.BinaryField()

    def __str__(self) -> str:
        return f"file of {self.request_id}"
