"""Another name that a customer wants to have."""

from uuid import uuid4

from django.db import models
from django.db.models import Q
from django.utils import timezone

from accounts.models.users import User


class NameWish(models.Model):
    """Another full name, which counts once a member of staff has accepted it."""

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="name_wishes")
    former_name = models.CharField(max_length=100)
    full_name = models.CharField(max_length=100)
    asked_at = models.DateTimeField(default=timezone.now)
    accepted = models.BooleanField(null=True)
    decided_at = models.DateTimeField(null=True)
    decided_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    reason = models.CharField(max_length=200, blank=True)

    class Meta:
        verbose_name = "name asked for"
        verbose_name_plural = "names asked for"
        permissions = [("decide_namewish", "Can accept or refuse names asked for")]
        constraints = [
            models.UniqueConstraint(name="name_wish_one_open", fields=["user"], condition=Q(decided_at=None)),
            models.CheckConstraint(
                name="name_wish_decided_by_somebody",
                condition=Q(accepted=None, decided_at=None, decided_by=None)
                | Q(accepted__isnull=False, decided_at__isnull=False, decided_by__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.former_name} → {self.full_name}"
