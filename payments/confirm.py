"""The moment a draft is paid."""

from django.db import Error

from accounts.attempts import prove
from accounts.models import User
from accounts.secrets import Kind
from ledger.db import prove_replicated, serializable
from ledger.models import Transfer
from ledger.outages import NotReplicated
from ledger.posting import OutcomeUnknown, SerializationExhausted, post
from payments.approval import CodeNeeded, prove_both, reason_for_code
from payments.models import Payment


class PaymentExpired(Exception):
    """The draft is too old to be confirmed; nothing was paid."""


def confirm(*, payment: Payment, payer: User, pin: str, code: str = "") -> None:
    """Pays the draft once, however often it is asked: whoever comes later finds it paid and needs no PIN again.

    Whether it takes the authenticator's code as well is decided here, not by what the form happened to ask. Both are
    proven outside any transaction or lock. A draft that expires while its PIN is being checked is still paid: it was
    approved in time. Raises PaymentExpired, approval.CodeNeeded, accounts.errors.WrongSecret, CodeUsed or SecretLocked,
    a ledger.posting.LedgerError, and then nothing was paid; or ledger.posting.OutcomeUnknown: then nobody knows yet.
    """
    if payment.transfer is not None:
        prove_replicated()
        return
    if payment.is_expired:
        raise PaymentExpired
    if code:
        prove_both(payment, payer, pin=pin, code=code)
        post([payment.order()])
    elif reason_for_code(payment):
        raise CodeNeeded  # before the PIN is read: it is only ever judged together with the code
    else:
        prove(payer, Kind.PAYMENT_PIN, pin)
        pay_by_pin(payment)


def pay_by_pin(payment: Payment) -> None:
    """Posts unless it takes a code by now: of many confirms at once, no more pass than one after the other would.

    Raises CodeNeeded and what `post` raises.
    """

    order = payment.order()

    def work() -> None:
        post([order])  # first, because it locks the wallet: no other payment can slip in from here on
        if reason_for_code(payment) and not was_paid_before():
            raise CodeNeeded

    def was_paid_before() -> bool:
        """What is written here is not seen on `default` yet."""
        return Transfer.objects.using("default").filter(id=payment.id).exists()

    accounts = [payment.payer_account_id, payment.payee_account_id]
    try:
        serializable(work, accounts)
    except SerializationExhausted:
        if payment.transfer is None:
            raise
        prove_replicated()
    except NotReplicated:
        raise  # doing it again would only wait for the same standby
    except OutcomeUnknown:
        # The same again settles it, as in ledger.posting: it waits for the locks of whoever may still be at it.
        try:
            serializable(work, accounts)
        except (SerializationExhausted, Error) as error:
            raise OutcomeUnknown("the answer to COMMIT was lost, and the books do not tell yet") from error
