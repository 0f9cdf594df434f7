"""What the database itself holds of a draft."""

import uuid
from datetime import timedelta

import pytest
from django.db import IntegrityError, connection

from accounts.models import User
from payments.models import Payment

pytestmark = pytest.mark.django_db


def draft(payer: User, payee: User) -> Payment:
    return Payment.objects.draft(payer=payer, payee=payee, amount=12_34, note="Lunch")


def test_a_draft_is_never_changed(ada: User, grace: User) -> None:
    payment = draft(ada, grace)
    payment.amount = 99_99
    with pytest.raises(IntegrityError, match="never changed"):
        payment.save()


def test_not_even_by_hand(ada: User, grace: User) -> None:
    draft(ada, grace)
    with pytest.raises(IntegrityError) as refusal, connection.cursor() as cursor:
        cursor.execute("UPDATE payments_payment SET note = 'Supper'")
    assert refusal.value.__cause__.diag.constraint_name == "payment_never_changes"  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("wrong", "rule"),
    [
        ({"amount": 0}, "payment_amount_is_positive"),
        ({"amount": -1}, "payment_amount_is_positive"),
        ({"expires_at": "created_at"}, "payment_expires_after_it_is_made"),
        ({"payee_account": "payer_account"}, "payment_is_not_to_its_payer"),
    ],
)
def test_the_database_refuses_a_draft_that_makes_no_sense(
    ada: User, grace: User, wrong: dict[str, object], rule: str
) -> None:
    payment = draft(ada, grace)
    payment.id = uuid.uuid4()
    for name, value in wrong.items():
        setattr(payment, name, getattr(payment, value) if isinstance(value, str) else value)
    with pytest.raises(IntegrityError, match=rule):
        payment.save(force_insert=True)


def test_it_expires_after_ten_minutes(ada: User, grace: User) -> None:
    payment = draft(ada, grace)
    assert payment.expires_at - payment.created_at == pytest.approx(timedelta(minutes=10), abs=timedelta(seconds=1))
    assert not payment.is_expired
