"""What the database itself holds of a draft."""

import uuid
from datetime import timedelta

import pytest
from django.db import IntegrityError, connection
from django.utils import timezone

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
        ({"id": uuid.UUID(int=0)}, "payment_id_is_not_nobody"),
        ({"expires_at": timezone.now() + timedelta(days=2)}, "payment_expires_within_a_day"),
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


@pytest.mark.parametrize(
    "times",
    ["'-infinity', now()", "'infinity', 'infinity'", "now(), 'infinity'", "'4000-01-01 BC', '4000-01-01 01:00 BC'"],
)
def test_the_database_refuses_a_draft_of_no_time(ada: User, grace: User, times: str) -> None:
    draft(ada, grace)
    names = "payer_id, payer_account_id, payee_account_id, amount, currency, note"
    with pytest.raises(IntegrityError, match=r"payment_(times_are_sane|expires)"), connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO payments_payment (id, {names}, created_at, expires_at)"
            f" SELECT gen_random_uuid(), {names}, {times} FROM payments_payment"
        )


@pytest.mark.parametrize("what", ["-1, now()", "1, 'infinity'"])
def test_the_database_refuses_an_approval_of_no_time(ada: User, grace: User, what: str) -> None:
    payment = draft(ada, grace)
    with pytest.raises(IntegrityError, match="approval_is_sane"), connection.cursor() as cursor:
        cursor.execute(f"INSERT INTO payments_approval (payment_id, step, at) SELECT %s, {what}", [payment.pk])


def test_it_expires_after_ten_minutes(ada: User, grace: User) -> None:
    payment = draft(ada, grace)
    assert payment.expires_at - payment.created_at == pytest.approx(timedelta(minutes=10), abs=timedelta(seconds=1))
    assert not payment.is_expired
