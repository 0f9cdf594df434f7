"""The moment a draft is paid."""

from accounts.attempts import prove
from accounts.models import User
from accounts.secrets import Kind
from ledger.posting import post
from payments.approval import prove_both, reason_for_code
from payments.models import Payment


class PaymentExpired(Exception):
    """The draft is too old to be confirmed; nothing was paid."""


def confirm(*, payment: Payment, payer: User, pin: str, code: str = "") -> None:
    """Pays the draft once, however often it is asked: whoever comes later finds it paid and needs no PIN again.

    Whether it takes the authenticator's code as well is decided here, not by what the form happened to ask. Both are
    proven outside any transaction or lock. A draft that expires while its PIN is being checked is still paid: it was
    approved in time. Raises PaymentExpired, accounts.errors.WrongSecret, CodeUsed or SecretLocked, a
    ledger.posting.LedgerError, and then nothing was paid; or ledger.posting.OutcomeUnknown, and then nobody knows yet.
    """
    if payment.transfer is not None:
        return
    if payment.is_expired:
        raise PaymentExpired
    if reason_for_code(payment):
        prove_both(payment, payer, pin=pin, code=code)
    else:
        prove(payer, Kind.PAYMENT_PIN, pin)
    post([payment.order()])
