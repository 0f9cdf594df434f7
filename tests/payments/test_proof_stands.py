"""A PIN, a session or a customer that ended a moment before the money moves pays nothing."""

import threading
from collections.abc import Callable

import pytest
from django.db import connections
from django.test import Client

from accounts.access.standing import must_stand
from accounts.models import Authenticator, Session, User
from ledger.db import serializable
from payments import gate as confirming
from payments.models import Payment
from tests import people

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "serializable"])


def new_stamp(user: User) -> None:
    """What every change of a secret does, on a connection of its own."""
    fresh = User.objects.get(pk=user.pk)
    fresh.set_password("another horse battery")
    fresh.set_pins(view="9047", payment="902614")
    fresh.save()


def close(user: User) -> None:
    User.objects.filter(pk=user.pk).update(is_active=False)


def end_sessions(user: User) -> None:
    Session.objects.filter(user=user).delete()


def elsewhere(job: Callable[[], None]) -> None:
    def run() -> None:
        try:
            job()
        finally:
            connections.close_all()

    thread = threading.Thread(target=run)
    thread.start()
    thread.join()


@pytest.mark.asvs("7.4.1", "7.4.3", "15.4.2")
@pytest.mark.parametrize("change", [new_stamp, close, end_sessions])
@pytest.mark.parametrize("amount", [12_34, 250_00], ids=["by PIN", "with a code"])
def test_what_ends_between_proof_and_posting_pays_nothing(
    ada: User,
    grace: User,
    as_ada: Client,
    monkeypatch: pytest.MonkeyPatch,
    change: Callable[[User], None],
    amount: int,
) -> None:
    people.fund(ada, 1_000_00)
    payment = Payment.objects.draft(payer=ada, payee=grace, amount=amount, note="")
    plain = confirming.pay

    def overtaken(*args: object, **options: object) -> None:
        elsewhere(lambda: change(ada))
        plain(*args, **options)  # type: ignore[arg-type]

    monkeypatch.setattr(confirming, "pay", overtaken)
    form = {"pin": people.PAYMENT_PIN} | ({"code": people.code_for(ada)} if amount >= 200_00 else {})
    answer = as_ada.post(f"/send/{payment.id}/check/", form, follow=True)
    assert "Nothing was sent" in answer.content.decode()
    assert payment.transfer is None
    assert people.balance(ada) == 1_000_00


def test_who_was_paid_meanwhile_hears_it_although_the_pin_changed(
    ada: User, grace: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    people.fund(ada, 100_00)
    payment = Payment.objects.draft(payer=ada, payee=grace, amount=12_34, note="")
    plain = confirming.pay

    def overtaken(*args: object, **options: object) -> None:
        monkeypatch.undo()
        elsewhere(lambda: confirming.confirm(payment=payment, payer=ada, pin=people.PAYMENT_PIN))
        elsewhere(lambda: new_stamp(ada))
        plain(*args, **options)  # type: ignore[arg-type]

    monkeypatch.setattr(confirming, "pay", overtaken)
    confirming.confirm(payment=payment, payer=ada, pin=people.PAYMENT_PIN)
    assert people.balance(ada) == 87_66


def test_a_change_waits_for_the_payment_that_was_proven_before_it(ada: User, as_ada: Client) -> None:
    """Behind the check nothing can end any more: a change that comes now is after the payment."""
    refused: list[BaseException] = []

    def change() -> None:
        with connections["default"].cursor() as cursor:
            cursor.execute("SET lock_timeout = '100ms'")
            for statement in (
                "UPDATE accounts_user SET session_stamp = gen_random_uuid() WHERE id = %s",
                "DELETE FROM accounts_session WHERE user_id = %s",
            ):
                try:
                    cursor.execute(statement, [ada.pk])
                except Exception as error:
                    refused.append(error)

    def work() -> None:
        must_stand(ada, Session.objects.get(user=ada).id)
        elsewhere(change)

    serializable(work)
    assert ["lock timeout" in str(error) for error in refused] == [True, True]


def test_an_unconfirmed_authenticator_approves_nothing(ada: User, grace: User, as_ada: Client) -> None:
    people.fund(ada, 1_000_00)
    payment = Payment.objects.draft(payer=ada, payee=grace, amount=250_00, note="")
    Authenticator.objects.filter(user=ada).update(confirmed=False)
    page = as_ada.post(f"/send/{payment.id}/check/", {"pin": people.PAYMENT_PIN, "code": people.code_for(ada)})
    assert page.status_code in (200, 302)
    assert payment.transfer is None
