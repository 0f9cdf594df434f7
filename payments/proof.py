"""What a customer proves before their money moves: the payment PIN, and where more is at stake a fresh code as well."""

from django.db import transaction

from accounts.credentials import hashing, totp
from accounts.credentials.hashing import Kind
from accounts.errors import CodeUsed, WrongSecret
from accounts.guard.attempts import attempt, prove, renew
from accounts.models import Authenticator, User
from payments.models import Approval, Payment
from payments.rules import CodeNeeded, reason_for_code

# The counter of codes given here. Not the sign-in's, so that neither can be used to lock the other.
CODE = "approval"


def prove_payer(payment: Payment, payer: User, *, pin: str, code: str) -> None:
    """Outside any transaction or lock: it takes a quarter of a second. `code` is empty where none was asked for.

    Whether the PIN is enough is decided by the rules, not by what the form happened to ask. Raises CodeNeeded,
    WrongSecret, CodeUsed or SecretLocked.
    """
    if code:
        prove_both(payment, payer, pin=pin, code=code)
    elif reason_for_code(payment):
        raise CodeNeeded  # before the PIN is read: it is only ever judged together with the code
    else:
        prove(payer, Kind.PAYMENT_PIN, pin)


def prove_both(payment: Payment, payer: User, *, pin: str, code: str) -> None:
    """Check PIN and code as one: nothing tells which of the two was wrong (RTS Art. 4(3)(b)).

    Both are read and both tries counted whatever comes out, at the same cost, and the code is used up only beside the
    right PIN. It then approves this payment and no other one (RTS Art. 5), however often that is confirmed. Raises
    WrongSecret or SecretLocked; CodeUsed, with the right PIN only, for a code that was used for something else.
    """
    with attempt(payer.id, Kind.PAYMENT_PIN), attempt(payer.id, CODE):
        pin_is_right = hashing.matches(Kind.PAYMENT_PIN, payer.id, pin, payer.payment_pin)
        device = payer.authenticators.filter(confirmed=True).first()
        step = totp.matching_step(device.seed, code) if device else None
        if device is None or step is None or not pin_is_right:
            raise WrongSecret
        try:
            use_up(payment, device, code)
        except CodeUsed:
            if not payment.approvals.filter(step=step).exists():
                raise
    if hashing.outdated(payer.payment_pin):
        renew(payer, Kind.PAYMENT_PIN, pin, payer.payment_pin)


@transaction.atomic
def use_up(payment: Payment, device: Authenticator, code: str) -> None:
    """The code is used and what for is written in one transaction: who finds it used finds what for."""
    device.spend(code)
    Approval.objects.get_or_create(payment=payment, step=device.last_step)
