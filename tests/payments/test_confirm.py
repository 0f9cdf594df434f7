"""confirm(): what holds whoever asks for it."""

from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone

from accounts.errors import WrongSecret
from accounts.models import Guard, User
from ledger.models import Transfer
from ledger.posting import InsufficientFunds
from payments.gate import PaymentExpired, confirm
from payments.models import Payment
from tests import people

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "serializable"])


@pytest.fixture
def payment(ada: User, grace: User) -> Payment:
    people.fund(ada, 100_00)
    return Payment.objects.draft(payer=ada, payee=grace, amount=12_34, note="Lunch")


def test_an_expired_draft_is_refused_before_its_pin_is_read(ada: User, payment: Payment) -> None:
    with time_machine.travel(payment.expires_at + timedelta(seconds=1)), pytest.raises(PaymentExpired):
        confirm(payment=payment, payer=ada, pin=people.PAYMENT_PIN)
    assert not Guard.objects.exists()
    assert not Transfer.objects.filter(id=payment.id).exists()


def test_a_draft_may_expire_while_its_pin_is_checked(
    ada: User, payment: Payment, monkeypatch: pytest.MonkeyPatch
) -> None:
    with time_machine.travel(payment.expires_at - timedelta(seconds=1), tick=False) as clock:
        monkeypatch.setattr("payments.proof.prove", lambda *_: clock.shift(timedelta(seconds=2)))
        confirm(payment=payment, payer=ada, pin=people.PAYMENT_PIN)
        assert timezone.now() > payment.expires_at
    assert payment.transfer is not None


def test_who_was_paid_needs_no_pin_to_hear_it_again(ada: User, payment: Payment) -> None:
    confirm(payment=payment, payer=ada, pin=people.PAYMENT_PIN)
    confirm(payment=payment, payer=ada, pin="")
    assert people.balance(ada) == 87_66


def test_the_payees_pin_is_not_the_payers(ada: User, grace: User, payment: Payment) -> None:
    grace.set_pins(view="9047", payment="902614")
    grace.save()
    with pytest.raises(WrongSecret):
        confirm(payment=payment, payer=ada, pin="902614")


def test_the_pin_comes_before_the_funds(ada: User, grace: User) -> None:
    too_much = Payment.objects.draft(payer=ada, payee=grace, amount=1, note="")
    with pytest.raises(WrongSecret):
        confirm(payment=too_much, payer=ada, pin="111111")
    with pytest.raises(InsufficientFunds):
        confirm(payment=too_much, payer=ada, pin=people.PAYMENT_PIN)
