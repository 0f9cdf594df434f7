"""/send/<uuid>/check/: read it, give the PIN, once."""

import uuid
from datetime import timedelta
from functools import partial

import pytest
import time_machine
from django.db import connections
from django.test import Client
from django.utils import timezone

from accounts.models import SecurityEvent, User
from ledger.models import Account, Entry, Transfer
from ledger.posting import OutcomeUnknown
from payments import gate
from payments.models import Payment
from tests import people
from tests.threads import run_together

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "serializable"])
RIGHT = {"pin": people.PAYMENT_PIN}
MASKED = "••••••"


@pytest.fixture
def payment(ada: User, grace: User) -> Payment:
    people.fund(ada, 100_00)
    return Payment.objects.draft(payer=ada, payee=grace, amount=12_34, note="Lunch")


def check_url(payment: Payment) -> str:
    return f"/send/{payment.id}/check/"


def test_it_shows_what_the_pin_will_approve(as_ada: Client, payment: Payment) -> None:
    html = as_ada.get(check_url(payment)).content.decode()
    for shown in ("Grace Hopper", "@grace", "€12.34", "Lunch", MASKED):
        assert shown in html
    assert "€87.66" not in html
    assert f"/send/?from={payment.id}" in html


def test_it_shows_the_balance_after_to_who_gave_the_view_pin(as_ada: Client, payment: Payment) -> None:
    people.reveal(as_ada)
    html = as_ada.get(check_url(payment)).content.decode()
    assert "€87.66" in html
    assert MASKED not in html
    assert not Transfer.objects.filter(id=payment.id).exists()


def test_it_pays_on_the_right_pin(as_ada: Client, ada: User, grace: User, payment: Payment) -> None:
    response = as_ada.post(check_url(payment), RIGHT)
    assert response["Location"] == f"/send/{payment.id}/done/"
    transfer = Transfer.objects.get(id=payment.id)
    assert (transfer.amount, transfer.memo, transfer.kind, transfer.initiated_by) == (12_34, "Lunch", "payment", ada)
    assert (people.balance(ada), people.balance(grace)) == (87_66, 12_34)


def test_a_second_confirm_ends_at_the_same_receipt_without_a_pin(as_ada: Client, ada: User, payment: Payment) -> None:
    as_ada.post(check_url(payment), RIGHT)
    for again in (as_ada.post(check_url(payment), {}), as_ada.get(check_url(payment))):
        assert again["Location"] == f"/send/{payment.id}/done/"
    assert people.balance(ada) == 87_66


def test_confirming_keeps_the_session_key(as_ada: Client, payment: Payment) -> None:
    before = as_ada.cookies["session"].value
    as_ada.post(check_url(payment), RIGHT)
    assert as_ada.cookies["session"].value == before


@pytest.mark.asvs("7.5.3")
@pytest.mark.parametrize(
    ("typed", "message"),
    [
        ("", "Enter the 6 digits of your PIN."),
        ("12345", "Your PIN is 6 digits"),
        ("٨٣٠517", "Your PIN is 6 digits"),
        (f"{people.PAYMENT_PIN}\0", "Your PIN is 6 digits"),
        ("111111", "This is not the right PIN."),
        (people.VIEW_PIN, "Your PIN is 6 digits"),
        ([people.PAYMENT_PIN, people.PAYMENT_PIN], "sent more than once"),
    ],
)
def test_it_refuses_a_wrong_pin(as_ada: Client, payment: Payment, typed: str, message: str) -> None:
    page = as_ada.post(check_url(payment), {"pin": typed})
    assert page.status_code == 200
    assert message in page.context["form"].errors["pin"][0]
    assert 'id="id_pin_error"' in page.content.decode()
    assert people.PAYMENT_PIN not in page.content.decode()
    assert not Transfer.objects.filter(id=payment.id).exists()


def test_five_wrong_pins_lock_it_even_for_the_right_one(as_ada: Client, payment: Payment) -> None:
    for wrong, left in (("111111", "4 tries"), ("222222", "3 tries"), ("333333", "2 tries"), ("444444", "1 try")):
        page = as_ada.post(check_url(payment), {"pin": wrong})
        assert page.context["form"].errors["pin"][0].endswith(f" {left} left.")
        assert 'href="/settings/security/pins/"' in page.content.decode()
    for pin in ({"pin": "555555"}, RIGHT):
        page = as_ada.post(check_url(payment), pin)
        assert "you can try again in 1 minute, at " in page.context["form"].errors["pin"][0]
        assert 'href="/settings/security/pins/"' in page.content.decode()
    logged = SecurityEvent.objects.filter(user=payment.payer).order_by("id").values_list("kind", flat=True)
    assert list(logged) == ["pin_refused"] * 4 + ["locked"]
    assert not Transfer.objects.filter(id=payment.id).exists()


def test_too_little_money_is_told_after_the_pin_only(as_ada: Client, ada: User, grace: User) -> None:
    people.fund(ada, 12_33)
    payment = Payment.objects.draft(payer=ada, payee=grace, amount=12_34, note="")
    assert b"enough" not in as_ada.get(check_url(payment)).content
    assert b"enough" not in as_ada.post(check_url(payment), {"pin": "111111"}).content
    page = as_ada.post(check_url(payment), RIGHT)
    assert page.status_code == 200
    assert "There is not enough money" in page.context["form"].non_field_errors()[0]
    assert people.balance(ada) == 12_33
    assert not Transfer.objects.filter(id=payment.id).exists()


def test_too_little_money_is_no_secret_from_who_sees_the_balance(as_ada: Client, ada: User, grace: User) -> None:
    people.fund(ada, 12_33)
    payment = Payment.objects.draft(payer=ada, payee=grace, amount=12_34, note="")
    people.reveal(as_ada)
    assert "You don’t have enough for this" in as_ada.get(check_url(payment)).content.decode()


def test_a_closed_payee_is_told_in_words(as_ada: Client, payment: Payment) -> None:
    Account.objects.filter(pk=payment.payee_account.pk).update(status="closed")
    page = as_ada.post(check_url(payment), RIGHT)
    assert "cannot take part in payments" in page.context["form"].non_field_errors()[0]


@pytest.mark.parametrize("method", ["get", "post"])
def test_an_expired_draft_says_so_and_offers_to_start_again(
    as_ada: Client, ada: User, grace: User, method: str
) -> None:
    people.fund(ada, 100_00)
    payment = Payment.objects.create(
        payer=ada,
        payer_account=Account.objects.for_owner(ada),
        payee_account=Account.objects.for_owner(grace),
        amount=12_34,
        currency="EUR",
        created_at=timezone.now() - timedelta(minutes=11),
        expires_at=timezone.now() - timedelta(minutes=1),
    )
    page = getattr(as_ada, method)(check_url(payment), RIGHT if method == "post" else {})
    assert page.status_code == 410
    assert f'href="/send/?from={payment.id}"' in page.content.decode()
    assert not Transfer.objects.filter(id=payment.id).exists()


def test_a_draft_that_was_paid_never_expires(as_ada: Client, payment: Payment) -> None:
    as_ada.post(check_url(payment), RIGHT)
    with time_machine.travel(timezone.now() + timedelta(minutes=11)):
        fresh = people.sign_in(payment.payer)
        assert fresh.get(check_url(payment))["Location"] == f"/send/{payment.id}/done/"
        assert fresh.get(f"/send/{payment.id}/done/").status_code == 200


@pytest.mark.parametrize("page", ["check", "done"])
def test_somebody_elses_draft_does_not_exist(as_grace: Client, payment: Payment, page: str) -> None:
    assert as_grace.get(f"/send/{payment.id}/{page}/").status_code == 404
    assert as_grace.post(f"/send/{payment.id}/check/", RIGHT).status_code == 404
    assert as_grace.get(f"/send/{uuid.uuid4()}/{page}/").status_code == 404


def test_a_session_that_ends_here_comes_back_here(client: Client, payment: Payment) -> None:
    assert client.get(check_url(payment))["Location"] == f"/login/?next={check_url(payment)}"
    assert client.post(check_url(payment), RIGHT)["Location"] == f"/login/?next={check_url(payment)}"


def test_signing_in_again_leads_back_to_the_same_draft(client: Client, ada: User, payment: Payment) -> None:
    people.sign_in_by_pages(ada, client, offset=-1)
    with time_machine.travel(timezone.now() + timedelta(seconds=301)):
        away = client.get(check_url(payment))["Location"]
        login = client.get(away).context["next"]
        client.post("/login/", {"email": ada.email, "password": people.PASSWORD, "next": login})
        back = client.post("/login/code/", {"code": people.code_for(ada)})
        assert back["Location"] == check_url(payment)
        assert "Grace Hopper" in client.get(check_url(payment)).content.decode()
        assert client.post(check_url(payment), RIGHT)["Location"] == f"/send/{payment.id}/done/"
    assert Payment.objects.count() == 1


def test_twenty_confirms_at_once_are_one_payment_and_twenty_receipts(ada: User, grace: User, payment: Payment) -> None:
    browsers = [people.sign_in(ada) for _ in range(20)]
    presses = [partial(browser.post, check_url(payment), RIGHT) for browser in browsers]
    locations = [response["Location"] for response in run_together(presses)]  # type: ignore[index]
    assert locations == [f"/send/{payment.id}/done/"] * 20
    receipts = {browser.get(locations[0]).status_code for browser in browsers}
    assert receipts == {200}
    assert Transfer.objects.filter(kind="payment").count() == 1
    assert Entry.objects.filter(transfer_id=payment.id).count() == 2
    assert (people.balance(ada), people.balance(grace)) == (87_66, 12_34)


def test_an_unknown_outcome_is_never_called_failed(
    as_ada: Client, payment: Payment, monkeypatch: pytest.MonkeyPatch
) -> None:
    def lost(orders: object, **_: object) -> None:
        """As when the database goes away at COMMIT, and stays away: the page is made without it."""
        connections.close_all()
        for alias in connections:
            monkeypatch.setitem(connections[alias].settings_dict, "PORT", "1")
        raise OutcomeUnknown

    monkeypatch.setattr(gate, "post", lost)
    page = as_ada.post(check_url(payment), RIGHT)
    html = page.content.decode()
    assert page.status_code == 202
    assert "We are checking this payment" in html
    assert "fail" not in html.lower()
    assert page["Refresh"] == f"5; url=/send/{payment.id}/done/"
    as_ada.raise_request_exception = False
    assert as_ada.get(f"/send/{payment.id}/done/").status_code == 503
    monkeypatch.undo()
    connections.close_all()
    assert as_ada.get(f"/send/{payment.id}/done/").status_code == 202
    as_ada.post(check_url(payment), RIGHT)
    assert "Payment sent" in as_ada.get(f"/send/{payment.id}/done/").content.decode()


def test_the_receipt_of_a_draft_never_approved_leads_back_to_it(as_ada: Client, payment: Payment) -> None:
    page = as_ada.get(f"/send/{payment.id}/done/")
    text = " ".join(page.content.decode().split())
    assert page.status_code == 202
    assert "If you have just approved it, we can’t say yet" in text
    assert f'If you have not approved it yet, nothing was sent: <a href="{check_url(payment)}">' in text


def test_names_cannot_turn_the_text_around_them(as_ada: Client, ada: User, payment: Payment) -> None:
    assert "<bdi>Grace Hopper</bdi>" in as_ada.get(f"/send/{payment.id}/done/").content.decode()
    with time_machine.travel(timezone.now() + timedelta(minutes=16)):
        assert "<bdi>Grace Hopper</bdi>" in people.sign_in(ada).get(check_url(payment)).content.decode()
    as_ada.post(check_url(payment), RIGHT)
    assert "<bdi>Ada Lovelace</bdi>" in as_ada.get(f"/send/{payment.id}/done/").content.decode()


def test_after_its_time_a_draft_without_a_transfer_is_known_to_be_unpaid(as_ada: Client, payment: Payment) -> None:
    with time_machine.travel(timezone.now() + timedelta(minutes=16)):
        fresh = people.sign_in(payment.payer)
        page = fresh.get(f"/send/{payment.id}/done/")
    assert page.status_code == 410
    assert "Nothing was sent" in page.content.decode()


def test_a_database_that_is_away_answers_503(as_ada: Client, payment: Payment, monkeypatch: pytest.MonkeyPatch) -> None:
    connections.close_all()
    for alias in ("default", "serializable"):
        monkeypatch.setitem(connections[alias].settings_dict, "PORT", "1")
    as_ada.raise_request_exception = False
    response = as_ada.post(check_url(payment), RIGHT)
    connections.close_all()
    monkeypatch.undo()
    assert response.status_code == 503
    assert not Transfer.objects.filter(id=payment.id).exists()


def test_a_rule_of_the_books_without_words_is_a_refusal_and_no_failure(as_ada: Client, payment: Payment) -> None:
    with connections["default"].cursor() as cursor:
        cursor.execute(
            "ALTER TABLE ledger_transfer ADD CONSTRAINT no_lunch CHECK (memo <> %s) NOT VALID", [payment.note]
        )
    try:
        page = as_ada.post(check_url(payment), RIGHT)
    finally:
        with connections["default"].cursor() as cursor:
            cursor.execute("ALTER TABLE ledger_transfer DROP CONSTRAINT no_lunch")
    assert page.status_code == 200
    assert "This payment cannot be made. Nothing was sent." in page.content.decode()
    assert payment.transfer is None
