"""What is counted to stop guessing."""

from django.db import models
from django.utils import timezone


class Guard(models.Model):
    """The run of wrong tries at one secret of one subject. Written by accounts.guard.attempts only.

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
