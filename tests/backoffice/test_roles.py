"""/admin/: the staff's door, and what auditors see behind it."""

import pytest
from django.contrib import admin
from django.contrib.auth.models import Group
from django.test import Client

from accounts.models import Authenticator, EnrolmentCode, MailedToken, RecoveryCode, Session, StepUp, User
from ledger.models import Entry
from payments.models import Payment
from tests import people

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "serializable"])


@pytest.fixture
def as_auditor() -> Client:
    assert Group.objects.filter(name="Auditors").exists()  # the migration makes it, not this test
    return people.sign_in(people.make_staff("auditor@example.com", ["Auditors"]))


def test_its_sign_in_is_ours(client: Client) -> None:
    assert client.get("/admin/login/?next=/admin/ledger/")["Location"].startswith("/login/?next=/admin/")
    assert client.get("/admin/")["Location"].startswith("/login/?next=/admin/")


def test_a_customer_is_refused_and_not_sent_in_circles(as_ada: Client) -> None:
    assert as_ada.get("/admin/", follow=True).status_code == 403


def test_a_password_alone_is_not_enough() -> None:
    client = Client()
    client.force_login(people.make_staff("root@example.com", is_superuser=True))
    assert client.get("/admin/")["Location"].startswith("/login/")


def test_changing_a_password_and_signing_out_are_our_pages(as_auditor: Client) -> None:
    assert as_auditor.get("/admin/password_change/")["Location"] == "/settings/security/"
    response = as_auditor.post("/admin/logout/")
    assert (response.status_code, response["Location"]) == (307, "/logout/")


def test_only_models_we_name_are_registered() -> None:
    shown = set(admin.site._registry)
    assert {model._meta.app_label for model in shown} <= {"accounts", "ledger", "notices"}
    assert shown.isdisjoint({Authenticator, EnrolmentCode, MailedToken, RecoveryCode, Session, StepUp})


def test_an_auditor_sees_both_entries_of_a_payment(as_auditor: Client, as_ada: Client, ada: User, grace: User) -> None:
    people.fund(ada, 100_00)
    payment = Payment.objects.draft(payer=ada, payee=grace, amount=12_34, note="Lunch")
    as_ada.post(f"/send/{payment.id}/check/", {"pin": people.PAYMENT_PIN})
    html = as_auditor.get(f"/admin/ledger/transfer/{payment.id}/change/").content.decode()
    assert html.count("12.34") >= 2
    for entry in Entry.objects.filter(transfer_id=payment.id):
        page = as_auditor.get(f"/admin/ledger/entry/{entry.pk}/change/")
        assert page.status_code == 200
        assert "12.34" in page.content.decode()


@pytest.mark.parametrize("model", ["account", "transfer", "entry"])
def test_nobody_changes_the_books_there(as_auditor: Client, ada: User, model: str) -> None:
    people.fund(ada, 100_00)
    root = people.sign_in(people.make_staff("root@example.com", is_superuser=True))
    pk = Entry.objects.all()[0].pk if model == "entry" else None
    for client in (as_auditor, root):
        assert client.get(f"/admin/ledger/{model}/").status_code == 200
        assert client.get(f"/admin/ledger/{model}/add/").status_code == 403
        if pk:
            assert client.post(f"/admin/ledger/{model}/{pk}/delete/", {"post": "yes"}).status_code == 403
            assert client.post(f"/admin/ledger/{model}/{pk}/change/", {"amount": "1"}).status_code == 403


def test_staff_without_a_role_see_no_books() -> None:
    client = people.sign_in(people.make_staff("new@example.com"))
    assert client.get("/admin/").status_code == 200
    assert client.get("/admin/ledger/entry/").status_code == 403
