"""The rules of money that leaves a wallet. Each is asked behind the wallet's lock and raises its own refusal.

To add one: a function of the movement, in RULES.
"""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from django.conf import settings
from django.db.models import Exists, OuterRef, Q, Sum
from django.utils import timezone

from accounts.access.standing import must_stand
from accounts.errors import ProofOutdated
from accounts.models import User
from ledger.models import Entry, Side
from payments.models import DAY, KIND, Approval, Payment


@dataclass(frozen=True)
class Movement:
    """A payment that its payer has proven, about to be posted."""

    payment: Payment
    payer: User  # as the request found them, with the stamp of the secrets that were proven
    session: UUID | None  # the id of the session's row; None outside a request
    by_pin_alone: bool


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


def proof_still_stands(movement: Movement) -> None:
    """Raises ProofOutdated: a PIN or a session that ended a moment ago pays nothing."""
    must_stand(movement.payer, movement.session)


def approved_well_enough(movement: Movement) -> None:
    """Raises CodeNeeded: of many confirms at once no more pass by PIN alone than one after the other would."""
    if movement.by_pin_alone and reason_for_code(movement.payment):
        raise CodeNeeded


RULES: tuple[Callable[[Movement], None], ...] = (proof_still_stands, approved_well_enough)
REFUSALS = (ProofOutdated, CodeNeeded)  # what they raise


def keep(movement: Movement) -> None:
    """Raises the first rule's refusal."""
    for rule in RULES:
        rule(movement)
