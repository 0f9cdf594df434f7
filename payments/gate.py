"""The one gate for customers' money: prove, take the wallet's lock, keep the rules, post, have both sides told.

Whatever moves money out of a customer's wallet comes through here; the boundaries in pyproject.toml and
tests/payments/test_gate.py hold that nothing else posts it.
"""

from uuid import UUID

from accounts.models import User
from ledger.db import SerializationExhausted, prove_replicated
from ledger.posting import post, preview
from payments import following
from payments.models import Payee, Payment
from payments.movement import Movement
from payments.proof import prove_payer
from payments.rules import REFUSALS, keep
from payments.settling import settle


class PaymentExpired(Exception):
    """The draft is too old to be confirmed; nothing was paid."""


def confirm(*, payment: Payment, payer: User, pin: str, code: str = "", session: UUID | None = None) -> None:
    """Pays the draft once, however often it is asked: whoever comes later finds it paid and needs no PIN again.

    A draft that expires while its PIN is being checked is still paid: it was approved in time; but secrets, session
    (the id of its row) and payer must stand until it is posted. Raises PaymentExpired, rules.CodeNeeded,
    accounts.errors.WrongSecret, CodeUsed, SecretLocked or ProofOutdated, a ledger.orders.LedgerError, and then nothing
    was paid; or ledger.outages.OutcomeUnknown: then nobody knows yet.
    """
    if payment.transfer is not None:
        prove_replicated()
        return
    if payment.is_expired:
        raise PaymentExpired
    prove_payer(payment, payer, pin=pin, code=code)
    pay(of_payment(payment, payer, session=session, by_pin_alone=not code))


def of_payment(payment: Payment, payer: User, *, session: UUID | None, by_pin_alone: bool) -> Movement:
    return Movement(
        leaving=payment,
        payer=payer,
        orders=(payment.order(),),
        session=session,
        by_pin_alone=by_pin_alone,
        payee=payment.payee,
        words=following.of_payment(payment, payer),
    )


def pay(movement: Movement) -> None:
    """Posts what was proven, unless a rule refuses it; once, however often it is asked. Raises what the rules and
    `post` raise."""
    try:
        settle(lambda: _move(movement), movement.accounts)
    except (*REFUSALS, SerializationExhausted):
        if not movement.is_made:
            raise
        prove_replicated()  # it was made before, and is only asked for again


def _move(movement: Movement) -> None:
    """Lock, rules, post, what follows: one transaction, tried again as a whole."""
    first, *_ = post(movement.orders, rules=lambda: keep(movement))
    if movement.payee:
        Payee.objects.paid(movement.payer.pk, movement.payee, first.posted_at)
    following.tell(movement.words)


def balance_after(payment: Payment) -> int:
    """The wallet's balance if this were paid now, in minor units. Raises what `post` would."""
    return preview([payment.order()])[payment.payer_account_id]
