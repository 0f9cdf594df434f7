"""What somebody means to pay, before they have said so with their payment PIN."""

import uuid
from datetime import datetime, timedelta
from typing import cast

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from ledger.currency import typed
from ledger.edges import sane, somebody
from ledger.models import Account, Transfer
from ledger.orders import Order

NOTE_LENGTH = 140
KIND = "payment"  # of the transfers that pay drafts
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
