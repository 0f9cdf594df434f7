"""What somebody means to pay, before they have said so with their payment PIN."""

import uuid
from datetime import datetime, timedelta
from typing import ClassVar, Self, cast
from uuid import UUID

from django.conf import settings
from django.db import connections, models, router
from django.db.models import F, Q
from django.db.models import Value as V
from django.db.models.functions import Concat
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from accounts.models.users import LONGEST_TYPED
from accounts.people import handles
from ledger.currency import typed
from ledger.edges import sane, somebody
from ledger.models import Account, Entry, Transfer
from ledger.orders import Order
from statements.searched import Folded

NOTE_LENGTH = 140
NICKNAME_LENGTH = 40
KIND = "payment"  # of the transfers that pay drafts
DAY = timedelta(hours=24)
# Much longer than every timeout and retry of one request together: a confirm that began in time has ended by then.
LONGEST_CONFIRM = timedelta(minutes=5)


def default_expiry() -> datetime:
    return timezone.now() + timedelta(seconds=settings.PAYMENT_DRAFT_SECONDS)


class PaymentManager(models.Manager["Payment"]):
    def draft(self, *, payer: User, payee: User, amount: int, note: str) -> "Payment":
        """Writes what is to be checked and confirmed. Opens the payee's wallet if this is their first payment."""
        paid_from, paid_to = Account.objects.for_owner(payer), Account.objects.for_owner(payee)
        return self.create(
            payer=payer,
            payer_account=paid_from,
            payee_account=paid_to,
            amount=amount,
            currency=paid_from.currency,
            note=note,
        )


class Payment(models.Model):
    """A draft: who pays whom how much, exactly as it was shown. Its id will be the transfer's.

    It is never changed (a trigger holds that): editing makes another draft, so that a PIN authorises what was read.
    It has no status to fall out of step with the books: it is paid if and only if the transfer with its id exists.
    `amount` is in minor units of `currency`.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    payer = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="payments")
    payer_account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="+")
    payee_account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="+")
    amount = models.BigIntegerField()
    currency = models.CharField(max_length=3)
    note = models.CharField(max_length=NOTE_LENGTH, blank=True)
    created_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField(default=default_expiry)

    objects = PaymentManager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(amount__gt=0), name="payment_amount_is_positive"),
            models.CheckConstraint(condition=~Q(payer_account=F("payee_account")), name="payment_is_not_to_its_payer"),
            models.CheckConstraint(
                condition=Q(expires_at__gt=F("created_at")), name="payment_expires_after_it_is_made"
            ),
            models.CheckConstraint(condition=somebody("id"), name="payment_id_is_not_nobody"),
            models.CheckConstraint(condition=sane("created_at") & sane("expires_at"), name="payment_times_are_sane"),
            models.CheckConstraint(
                condition=Q(expires_at__lte=F("created_at") + timedelta(days=1)), name="payment_expires_within_a_day"
            ),
        ]

    def __str__(self) -> str:
        return f"Payment {self.id}"

    @property
    def is_expired(self) -> bool:
        return timezone.now() >= self.expires_at

    @property
    def is_certainly_unpaid(self) -> bool:
        """Without a transfer by now there will never be one: no confirm of this draft can still be on its way."""
        return timezone.now() >= self.expires_at + LONGEST_CONFIRM

    @property
    def payee(self) -> User:
        """A draft is always to a customer, so its payee's account has an owner."""
        return cast(User, self.payee_account.owner)

    @property
    def is_to_a_new_payee(self) -> bool:
        """Until the first transfer from this wallet to that one, other than a returned one, is 24 hours old.

        So a first cent makes nobody known at once. Looked for on the side with the shorter history: the bakery's is
        long, but its new customers' are not. On `default` wherever it is asked: see `rules.sent_without_code`.
        """
        shorter = min(self.payer_account, self.payee_account, key=lambda account: account.last_seq)
        earlier = Entry.objects.using("default").filter(
            account=shorter,
            posted_at__lte=timezone.now() - DAY,
            transfer__debit_account=self.payer_account_id,
            transfer__credit_account=self.payee_account_id,
            transfer__reverses=None,
        )
        return not earlier.exists()

    def as_typed(self) -> dict[str, str]:
        """The form's values that make such a draft again."""
        return {"payee": f"@{self.payee.handle}", "amount": typed(self.amount, self.currency), "note": self.note}

    @property
    def done_url(self) -> str:
        return reverse("payments:send_done", args=[self.id])

    def order(self) -> Order:
        """What `ledger.posting.post` is asked for. The draft's id is the transfer's, so asking twice pays once."""
        return Order(
            id=self.id,
            debit=self.payer_account,
            credit=self.payee_account,
            amount=self.amount,
            kind=KIND,
            memo=self.note,
            initiated_by=self.payer_id,
            currency=self.currency,
        )

    @property
    def transfer(self) -> Transfer | None:
        """The transfer that paid this draft, once there is one. Reads the database each time."""
        return Transfer.objects.filter(
            id=self.id,
            debit_account=self.payer_account_id,
            credit_account=self.payee_account_id,
            amount=self.amount,
        ).first()


class Approval(models.Model):
    """A code of the payer's authenticator, accepted for this draft: `step` is the 30 seconds that showed it.

    Written in the transaction that uses the code up. Of many confirms at once only one can use it, and all others find
    here that it was for the very payment they are about.
    """

    payment = models.ForeignKey(Payment, on_delete=models.PROTECT, related_name="approvals", db_index=False)
    step = models.BigIntegerField()
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["payment", "step"], name="approval_by_one_code_once"),
            models.CheckConstraint(condition=Q(step__gte=0) & sane("at"), name="approval_is_sane"),
        ]

    def __str__(self) -> str:
        return f"Approval of {self.payment_id}"


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
