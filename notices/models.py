"""What people are to be told, what they were told, and by which channel they want to be.

    the doing's own transaction ──> Outbox ──> the worker ──> Notice, on the site
                                                         └──> Letter ──> the mail server

All three have one id, made with the outbox row: so a second try finds the first one's (docs/adr/0043).
"""

import uuid
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from accounts.telling import News
from work.due import Due, due_index


class Kind(models.TextChoices):
    MONEY_IN = "money_in", "Money you receive"
    MONEY_OUT = "money_out", "Money you send"
    STATEMENT_READY = "statement_ready", "A new statement"
    PAYMENT_REFUSED = "payment_refused", "A planned payment that was refused"
    NEW_BROWSER = News.NEW_BROWSER.value, "A sign-in from a new browser"
    RECOVERY_USED = News.RECOVERY_USED.value, "A recovery code used"
    LOCKED = News.LOCKED.value, "Too many wrong tries"
    SECRET_CHANGED = News.SECRET_CHANGED.value, "A changed password, PIN, authenticator or set of codes"


SECURITY = tuple(Kind(news.value) for news in News)  # nobody can silence these
CHOSEN = tuple(kind for kind in Kind if kind not in SECURITY)


class Channel(models.TextChoices):
    SITE = "site", "On this site"
    MAIL = "mail", "By mail"


class Told(models.Model):
    """`about` is the id of what happened (a transfer, a statement), by which telling of it twice is telling once.

    `data` is what the words need beside that: never a secret, never a balance.
    """

    kind = models.CharField(max_length=20, choices=Kind)
    about = models.UUIDField(default=uuid.uuid4, editable=False)
    data = models.JSONField(default=dict)
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.at:%Y-%m-%d %H:%M}"


class Outbox(Told, Due):
    """Written in the transaction of what happened. Without a foreign key in the database: users are never deleted, and
    some of these are written for nobody and taken back, at the same cost."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", db_constraint=False, db_index=False
    )

    class Meta:
        verbose_name_plural = "outbox"
        constraints = [models.UniqueConstraint(name="told_once", fields=["user", "kind", "about"])]
        indexes = [due_index("outbox_due")]


class NoticeQuerySet(models.QuerySet["Notice"]):
    def unread(self) -> "NoticeQuerySet":
        return self.filter(read_at=None)


class Notice(Told):
    """What a customer finds on the site."""

    id = models.UUIDField(primary_key=True, editable=False)  # its outbox row's
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="notices", db_index=False)
    read_at = models.DateTimeField(null=True, editable=False)

    objects: ClassVar[NoticeQuerySet] = NoticeQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        indexes = [
            models.Index(name="notice_of_user", fields=["user", "-at", "-id"]),
            models.Index(name="notice_unread", fields=["user"], condition=Q(read_at=None)),
        ]


class Letter(Told, Due):
    """A mail on its way: sent at least once, tried for two days, then given up and shown to staff."""

    id = models.UUIDField(primary_key=True, editable=False)  # its outbox row's
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", db_index=False)
    why = models.CharField("what the mail server said", max_length=200, blank=True, editable=False)

    class Meta:
        indexes = [
            due_index("letter_due"),
            models.Index(name="letter_given_up", fields=["-gave_up_at"], condition=Q(gave_up_at__isnull=False)),
        ]


class PreferenceQuerySet(models.QuerySet["Preference"]):
    def silenced(self) -> "PreferenceQuerySet":
        return self.filter(on=False)


class Preference(models.Model):
    """Whether a customer is told of a kind by a channel. Where there is none: yes."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+", db_index=False)
    kind = models.CharField(max_length=20, choices=Kind)
    channel = models.CharField(max_length=4, choices=Channel)
    on = models.BooleanField()

    objects: ClassVar[PreferenceQuerySet] = PreferenceQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        constraints = [
            models.UniqueConstraint(name="one_preference_a_channel", fields=["user", "kind", "channel"]),
            models.CheckConstraint(
                name="security_cannot_be_silenced", condition=Q(on=True) | ~Q(kind__in=[str(kind) for kind in SECURITY])
            ),
            models.CheckConstraint(name="preference_channel_is_known", condition=Q(channel__in=Channel.values)),
        ]

    def __str__(self) -> str:
        return f"{self.kind} by {self.channel}: {'on' if self.on else 'off'}"
