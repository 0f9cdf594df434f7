"""Whom a customer has paid."""

import uuid
from datetime import datetime
from typing import ClassVar, Self
from uuid import UUID

from django.conf import settings
from django.db import connections, models, router
from django.db.models import F, Q
from django.db.models import Value as V
from django.db.models.functions import Concat

from accounts.models import User
from accounts.models.users import LONGEST_TYPED
from accounts.people import handles
from ledger.edges import sane
from statements.searched import Folded

NICKNAME_LENGTH = 40


class PayeeQuerySet(models.QuerySet["Payee"]):
    def of(self, owner: User) -> Self:
        """Whom they have paid, the starred ones first and then the latest: an index has them in this order."""
        return self.filter(owner=owner).select_related("person").order_by("-starred", "-last_paid_at")

    def payable(self) -> Self:
        return self.filter(person__is_active=True)

    def called(self, text: str) -> Self:
        """Each word somewhere in the nickname, registered name or @handle, whatever its accents and capitals."""
        found = self.annotate(called=Folded(Concat("nickname", V(" "), "person__full_name", V(" @"), "person__handle")))
        for word in text.split():
            found = found.filter(called__contains=Folded(V(word)))
        return found

    def with_handle(self, text: str) -> "Payee | None":
        handle = handles.normalise(text) if len(text) <= LONGEST_TYPED else ""
        return self.filter(person__handle=handle).first() if handles.is_well_formed(handle) else None

    def paid(self, owner: UUID, person: User, at: datetime) -> None:
        """Note that they were paid, under the name they have now. Part of the payment's own transaction."""
        with connections[router.db_for_write(Payee)].cursor() as cursor:
            cursor.execute(PAID, [uuid.uuid4(), owner, person.pk, person.full_name, at])


# By hand, because the ORM's update of what is there already cannot keep the later of two moments.
PAID = """
INSERT INTO payments_payee AS payee (id, owner_id, person_id, nickname, starred, last_name, last_paid_at)
VALUES (%s, %s, %s, '', false, %s, %s) ON CONFLICT (owner_id, person_id) DO UPDATE
SET last_name = excluded.last_name, last_paid_at = greatest(payee.last_paid_at, excluded.last_paid_at)
"""


class Payee(models.Model):
    """Somebody a customer has paid: known by a nickname, found with one tap, and watched for a change of name."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="payees", db_index=False)
    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", db_index=False)
    nickname = models.CharField(max_length=NICKNAME_LENGTH, blank=True)
    starred = models.BooleanField(default=False)
    last_name = models.CharField(max_length=100, help_text="The registered name that was shown at the last payment.")
    last_paid_at = models.DateTimeField()

    objects: ClassVar[PayeeQuerySet] = PayeeQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["owner", "person"], name="payee_once_an_owner"),
            models.CheckConstraint(condition=~Q(owner=F("person")), name="payee_is_somebody_else"),
            models.CheckConstraint(condition=sane("last_paid_at"), name="payee_times_are_sane"),
        ]
        indexes = [models.Index(fields=["owner", "-starred", "-last_paid_at"], name="payee_starred_latest")]

    def __str__(self) -> str:
        return f"{self.owner_id} pays {self.person_id}"

    @property
    def name(self) -> str:
        """What the customer calls them."""
        return self.nickname or self.person.full_name

    @property
    def has_new_name(self) -> bool:
        """Whether they are registered under another name than at the last payment."""
        return self.person.full_name != self.last_name
