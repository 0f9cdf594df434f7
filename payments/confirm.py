"""The moment a draft is paid."""

from uuid import UUID

from django.db import Error

from accounts.attempts import prove
from accounts.errors import ProofOutdated
from accounts.models import User
from accounts.secrets import Kind
from accounts.standing import must_stand
from ledger.db import prove_replicated, serializable
from ledger.models import Transfer
from ledger.outages import NotReplicated
from ledger.posting import OutcomeUnknown, SerializationExhausted, post
from payments.approval import CodeNeeded, prove_both, reason_for_code
from payments.models import Payment


class PaymentExpired(Exception):
    """The draft is too old to be confirmed; nothing was paid."""


def confirm(*, payment: Payment, payer: User, pin: str, code: str = "", session: UUID | None = None) -> None:
    """Pays the draft once, however often it is asked: whoever comes later finds it paid and needs no PIN again.

    Whether it takes the authenticator's code as well is decided here, not by what the form happened to ask. Both are
    proven outside any transaction or lock. A draft that expires while its PIN is being checked is still paid: it was
    approved in time; but secrets, session (the id of its row) and payer must stand until it is posted. Raises
    PaymentExpired, approval.CodeNeeded, accounts.errors.WrongSecret, CodeUsed, SecretLocked or ProofOutdated, a
    ledger.posting.LedgerError, and then nothing was paid; or ledger.posting.OutcomeUnknown: then nobody knows yet.
    """
    if payment.transfer is not None:
        prove_replicated()
        return
    if payment.is_expired:
        raise PaymentExpired
    if code:
        prove_both(payment, payer, pin=pin, code=code)
        pay(payment, payer, session=session, by_pin_alone=False)
    elif reason_for_code(payment):
        raise CodeNeeded  # before the PIN is read: it is only ever judged together with the code
    else:
        prove(payer, Kind.PAYMENT_PIN, pin)
        pay(payment, payer, session=session)


def pay(payment: Payment, payer: User, *, session: UUID | None = None, by_pin_alone: bool = True) -> None:
    """Posts what was proven, unless that no longer stands, or it takes a code by now.

    Both are decided behind the wallet's lock: of many confirms at once no more pass than one after the other would, and
    a PIN or a session that ended a moment ago pays nothing. Raises CodeNeeded, ProofOutdated and what `post` raises.
    """

    def work() -> None:
        post([payment.order()])  # first, because it locks the wallet: no other payment can slip in from here on
        _must_be_approved(payment, payer, session, by_pin_alone)

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


def _must_be_approved(payment: Payment, payer: User, session: UUID | None, by_pin_alone: bool) -> None:
    """Raises ProofOutdated or CodeNeeded, but not for what was paid before: that is read on `default`, which does not
    see yet what is written here."""
    try:
        must_stand(payer, session)
        if by_pin_alone and reason_for_code(payment):
            raise CodeNeeded
    except (CodeNeeded, ProofOutdated):
        if not Transfer.objects.using("default").filter(id=payment.id).exists():
            raise
