"""What approves a payment: the payment PIN, and where more is at stake a fresh code of the authenticator as well."""

from enum import StrEnum

from django.conf import settings
from django.db import transaction
from django.db.models import Exists, OuterRef, Q, Sum
from django.utils import timezone

from accounts import attempts, secrets, totp
from accounts.attempts import attempt
from accounts.errors import CodeUsed, WrongSecret
from accounts.models import Authenticator, User
from accounts.secrets import Kind
from ledger.models import Entry, Side
from payments.models import DAY, KIND, Approval, Payment

# The counter of codes given here. Not the sign-in's, so that neither can be used to lock the other.
CODE = "approval"


class Reason(StrEnum):
    """Why a payment takes a code too."""

    NEW_PAYEE = "new payee"
    HIGH_AMOUNT = "high amount"


class CodeNeeded(Exception):
    """The PIN alone is not enough for this payment; nothing was paid."""


def reason_for_code(payment: Payment) -> Reason | None:
    """Decided from the amounts and the books alone, each time anew; None when the PIN is enough.

    Amounts add up over 24 hours, so that many small payments are no way around a code.
    """
    sent, sent_to_payee = sent_without_code(payment)
    if sent_to_payee + payment.amount >= settings.NEW_PAYEE_CODE_FROM and payment.is_to_a_new_payee:
        return Reason.NEW_PAYEE
    return Reason.HIGH_AMOUNT if sent + payment.amount >= settings.CODE_FROM else None


def sent_without_code(payment: Payment) -> tuple[int, int]:
    """Minor units that other payments took from this wallet in the last 24 hours by PIN alone: in all, to this payee.

    Reads one day of one account by its index. On `default` also inside serializable(): behind the wallet's lock that
    sees whatever has committed, and leaves no predicate locks over which payments of strangers would fail.
    """
    approved = Approval.objects.filter(payment=OuterRef("transfer_id"))
    sums = (
        Entry.objects.using("default")
        .filter(
            ~Exists(approved),
            account=payment.payer_account_id,
            posted_at__gt=timezone.now() - DAY,
            side=Side.DEBIT,
            transfer__kind=KIND,
        )
        .exclude(transfer=payment.id)
        .aggregate(
            sent=Sum("amount", default=0),
            to_payee=Sum("amount", filter=Q(transfer__credit_account=payment.payee_account_id), default=0),
        )
    )
    return sums["sent"], sums["to_payee"]


def prove_both(payment: Payment, payer: User, *, pin: str, code: str) -> None:
    """Check PIN and code as one: nothing tells which of the two was wrong (RTS Art. 4(3)(b)).

    Both are read and both tries counted whatever comes out, at the same cost, and the code is used up only beside the
    right PIN. It then approves this payment and no other one (RTS Art. 5), however often that is confirmed. Raises
    WrongSecret or SecretLocked; CodeUsed, with the right PIN only, for a code that was used for something else.
    """
    with attempt(payer.id, Kind.PAYMENT_PIN), attempt(payer.id, CODE):
        pin_is_right = secrets.matches(Kind.PAYMENT_PIN, payer.id, pin, payer.payment_pin)
        device = payer.authenticators.filter(confirmed=True).first()
        step = totp.matching_step(device.seed, code) if device else None
        if device is None or step is None or not pin_is_right:
            raise WrongSecret
        try:
            use_up(payment, device, code)
        except CodeUsed:
            if not payment.approvals.filter(step=step).exists():
                raise
    if secrets.outdated(payer.payment_pin):
        attempts.renew(payer, Kind.PAYMENT_PIN, pin, payer.payment_pin)


@transaction.atomic
def use_up(payment: Payment, device: Authenticator, code: str) -> None:
    """The code is used and what for is written in one transaction: who finds it used finds what for."""
    device.spend(code)
    Approval.objects.get_or_create(payment=payment, step=device.last_step)
