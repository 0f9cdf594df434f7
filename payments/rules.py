"""The rules of money that leaves a wallet. Each is asked behind the wallet's lock and raises its own refusal.

To add one: a function of the movement, in RULES.
"""

from datetime import timedelta
from enum import StrEnum

from django.conf import settings
from django.db.models import Exists, OuterRef, Q, Sum
from django.utils import timezone

from accounts.access.standing import must_stand
from accounts.errors import ProofOutdated
from ledger.models import Entry, Side
from payments.models import KIND, Approval
from payments.movement import Leaving, Movement, Refused, Rule

DAY = timedelta(hours=24)


class Reason(StrEnum):
    """Why a payment takes a code too."""

    NEW_PAYEE = "new payee"
    HIGH_AMOUNT = "high amount"


class CodeNeeded(Refused):
    """The PIN alone is not enough for this payment; nothing was paid."""


def reason_for_code(leaving: Leaving) -> Reason | None:
    """Decided from the amounts and the books alone, each time anew; None when the PIN is enough.

    Amounts add up over 24 hours, so that many small payments are no way around a code.
    """
    sent, sent_to_payee = sent_without_code(leaving)
    if sent_to_payee + leaving.amount >= settings.NEW_PAYEE_CODE_FROM and is_to_a_new_payee(leaving):
        return Reason.NEW_PAYEE
    return Reason.HIGH_AMOUNT if sent + leaving.amount >= settings.CODE_FROM else None


def is_to_a_new_payee(leaving: Leaving) -> bool:
    """Until the first transfer from this wallet to that one, other than a returned one, is 24 hours old.

    So a first cent makes nobody known at once. Looked for on the side with the shorter history: the bakery's is long,
    but its new customers' are not. On `default` wherever it is asked: see `sent_without_code`.
    """
    shorter = min(leaving.payer_account, leaving.payee_account, key=lambda account: account.last_seq)
    earlier = Entry.objects.using("default").filter(
        account=shorter,
        posted_at__lte=timezone.now() - DAY,
        transfer__debit_account=leaving.payer_account.pk,
        transfer__credit_account=leaving.payee_account.pk,
        transfer__reverses=None,
    )
    return not earlier.exists()


def sent_without_code(leaving: Leaving) -> tuple[int, int]:
    """Minor units that other payments took from this wallet in the last 24 hours by PIN alone: in all, to this payee.

    Reads one day of one account by its index. On `default` also inside serializable(): behind the wallet's lock that
    sees whatever has committed, and leaves no predicate locks over which payments of strangers would fail.
    """
    approved = Approval.objects.filter(payment=OuterRef("transfer_id"))
    sums = (
        Entry.objects.using("default")
        .filter(
            ~Exists(approved),
            account=leaving.payer_account.pk,
            posted_at__gt=timezone.now() - DAY,
            side=Side.DEBIT,
            transfer__kind=KIND,
        )
        .exclude(transfer=leaving.id)
        .aggregate(
            sent=Sum("amount", default=0),
            to_payee=Sum("amount", filter=Q(transfer__credit_account=leaving.payee_account.pk), default=0),
        )
    )
    return sums["sent"], sums["to_payee"]


def proof_still_stands(movement: Movement) -> None:
    """Raises ProofOutdated: a PIN or a session that ended a moment ago pays nothing."""
    must_stand(movement.payer, movement.session)


def approved_well_enough(movement: Movement) -> None:
    """Raises CodeNeeded: of many confirms at once no more pass by PIN alone than one after the other would."""
    if movement.by_pin_alone and reason_for_code(movement.leaving):
        raise CodeNeeded


RULES: tuple[Rule, ...] = (proof_still_stands, approved_well_enough)
REFUSALS = (ProofOutdated, Refused)  # what they raise


def keep(movement: Movement) -> None:
    """Raises the first rule's refusal: those of every movement, then its own."""
    for rule in (*RULES, *movement.rules):
        rule(movement)
