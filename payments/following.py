"""What follows from money that moved, in the transaction that moves it: both sides are told, in one statement."""

from uuid import UUID

from django.conf import settings

from accounts.models import User
from notices.models import Kind
from notices.outbox import Word, tell_each
from payments.models import Payment

tell = tell_each


def of_payment(payment: Payment, payer: User) -> tuple[Word, ...]:
    """Made outside the transaction: whose names these are is no part of it."""
    payee = payment.payee
    return (
        _word(payer.id, Kind.MONEY_OUT, payment.id, payment.amount, payment.currency, payee.full_name),
        _word(payee.id, Kind.MONEY_IN, payment.id, payment.amount, payment.currency, payer.full_name),
    )


def of_demo_money(customer: User, transfer: UUID, amount: int, currency: str) -> list[Word]:
    return [_word(customer.id, Kind.MONEY_IN, transfer, amount, currency, settings.SITE_NAME)]


def _word(user_id: UUID, kind: Kind, transfer: UUID, amount: int, currency: str, name: str) -> Word:
    """`amount` is in minor units, `name` the other side's registered one."""
    return Word(user_id, kind, transfer, {"amount": amount, "currency": currency, "name": name})
