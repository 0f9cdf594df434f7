"""GET and POST /send/: who, how much, what for."""

import pytest
from django.test import Client
from django.utils.html import escape

from accounts.models import User
from ledger.models import Account
from payments.models import Payment
from tests import people

pytestmark = pytest.mark.django_db
GOOD = {"payee": "@grace", "amount": "12.34", "note": "Lunch"}


@pytest.fixture(autouse=True)
def _grace(grace: User) -> None:
    """Somebody to pay."""


def test_it_asks_who_and_how_much(as_ada: Client) -> None:
    page = as_ada.get("/send/")
    assert page.status_code == 200
    assert b'inputmode="decimal"' in page.content
    assert b"maxlength" not in page.content


def test_it_writes_a_draft_and_shows_it(as_ada: Client, ada: User, grace: User) -> None:
    response = as_ada.post("/send/", GOOD)
    payment = Payment.objects.get()
    assert response["Location"] == f"/send/{payment.id}/check/"
    assert (payment.payer, payment.payee, payment.amount, payment.note) == (ada, grace, 12_34, "Lunch")
    assert payment.currency == "EUR"
    assert (payment.expires_at - payment.created_at).total_seconds() == pytest.approx(600, abs=1)


@pytest.mark.parametrize("typed", ["@grace", "grace", "GRACE", "  @Grace ", "grace@example.com", "Grace@Example.COM"])
def test_it_finds_the_payee_by_handle_or_email(as_ada: Client, grace: User, typed: str) -> None:
    assert as_ada.post("/send/", {**GOOD, "payee": typed}).status_code == 302
    assert Payment.objects.get().payee == grace


@pytest.mark.parametrize("spaces", [True, False])
def test_it_finds_the_payee_by_account_number(as_ada: Client, grace: User, spaces: bool) -> None:
    account = Account.objects.for_owner(grace)
    as_ada.post("/send/", {**GOOD, "payee": account.number_display if spaces else account.number})
    assert Payment.objects.get().payee == grace


UNKNOWN = "We can’t find anyone with this handle"
REFUSED = [
    ("payee", "", "Enter who to pay"),
    ("payee", "@nobody", UNKNOWN),
    ("payee", "nobody@example.com", UNKNOWN),
    ("payee", "1234 5678 9012", "The check digits of this account number don’t match"),
    ("payee", "1234 5678", "An account number has 12 digits: this has 8."),
    ("payee", "Grace Hopper", "this is none of them"),
    ("payee", "grace@", "This is no email address"),
    ("payee", "x" * 10_000, "this has 10,000 characters"),
    ("payee", "@grace\0", "Null characters are not allowed."),
    ("payee", "@ada", "This is you."),
    ("payee", "ada@example.com", "This is you."),
    ("amount", "", "Enter an amount."),
    ("amount", "0", "greater than zero"),
    ("amount", "-5", "without a plus or minus sign"),
    ("amount", "1e3", "Enter the amount in figures"),
    ("amount", "1_000", "Enter the amount in figures"),
    ("amount", "1٢3", "with the digits 0 to 9"),
    ("amount", "NaN", "Enter the amount in figures"),
    ("amount", "1.2345", "at most 2 decimal places"),
    ("amount", "1.234", "Enter 1234.00 or 1.23, whichever you mean."),
    ("amount", "99999999999999999999", "Enter a smaller amount"),
    ("amount", "12\0", "Null characters are not allowed."),
    ("note", "x" * 10_000, "140 characters or fewer"),
    ("note", "a\0b", "invisible characters"),
    ("note", "a\x1bb", "invisible characters"),
]


@pytest.mark.parametrize(("field", "typed", "message"), REFUSED)
def test_it_refuses_beside_the_field_and_keeps_what_was_typed(
    as_ada: Client, ada: User, field: str, typed: str, message: str
) -> None:
    page = as_ada.post("/send/", {**GOOD, field: typed})
    assert page.status_code == 200
    form = page.context["form"]
    assert list(form.errors) == [field]
    assert message in form.errors[field][0]
    html = page.content.decode()
    assert f'id="id_{field}_error"' in html
    assert "<title>Error: Send money" in html
    for name, value in {**GOOD, field: typed}.items():
        assert f'name="{name}"' in html
        if value:
            assert f'value="{escape(value)}"' in html
    assert not Payment.objects.exists()


@pytest.mark.asvs("15.3.7")
@pytest.mark.parametrize("field", GOOD)
def test_it_refuses_a_field_that_comes_twice(as_ada: Client, field: str) -> None:
    page = as_ada.post("/send/", {**GOOD, field: [GOOD[field], GOOD[field]]})
    assert list(page.context["form"].errors) == [field]
    assert "sent more than once" in page.context["form"].errors[field][0]
    assert not Payment.objects.exists()


def test_staff_and_half_registered_people_are_nobody_to_pay(as_ada: Client) -> None:
    people.make_staff("staff@example.com")
    User.objects.create_user(email="halfway@example.com", full_name="Half Way", handle="halfway", password="x" * 12)
    closed = people.make_customer("closed", "Closed Customer")
    User.objects.filter(pk=closed.pk).update(is_active=False)
    for payee in ("staff@example.com", "@halfway", "@closed"):
        errors = as_ada.post("/send/", {**GOOD, "payee": payee}).context["form"].errors
        assert UNKNOWN in errors["payee"][0]


def test_a_bank_account_without_an_owner_is_nobody_to_pay(as_ada: Client) -> None:
    number = Account.objects.system("promotions").number
    assert UNKNOWN in as_ada.post("/send/", {**GOOD, "payee": number}).context["form"].errors["payee"][0]


def test_changing_a_draft_begins_with_what_it_said_and_makes_another(as_ada: Client) -> None:
    as_ada.post("/send/", {**GOOD, "amount": "1,234.50"})
    first = Payment.objects.get()
    page = as_ada.get(f"/send/?from={first.id}")
    assert page.context["form"].initial == {"payee": "@grace", "amount": "1234.50", "note": "Lunch"}
    as_ada.post("/send/", page.context["form"].initial | {"note": "Supper"})
    assert Payment.objects.count() == 2
    first.refresh_from_db()
    assert first.note == "Lunch"


def test_a_link_can_say_whom_to_pay(as_ada: Client) -> None:
    assert b'value="@grace"' in as_ada.get("/send/?to=@grace").content


@pytest.mark.parametrize("draft", ["1", "x", "97fc229a-2b1f-4d9b-b9c1-a0d8a9c55290"])
def test_there_is_nothing_to_begin_with_in_a_draft_that_is_none(as_ada: Client, draft: str) -> None:
    assert as_ada.get("/send/", {"from": draft}).status_code == 404


def test_nobody_begins_with_what_somebody_else_wrote(as_ada: Client, as_grace: Client) -> None:
    as_ada.post("/send/", GOOD)
    assert as_grace.get(f"/send/?from={Payment.objects.get().id}").status_code == 404


def test_a_stale_csrf_token_gets_a_friendly_page(ada: User) -> None:
    response = people.sign_in(ada, Client(enforce_csrf_checks=True)).post("/send/", GOOD)
    assert response.status_code == 403
    assert "403_csrf.html" in [template.name for template in response.templates]
    assert not Payment.objects.exists()


def test_nobody_sends_without_signing_in(client: Client) -> None:
    response = client.post("/send/", GOOD)
    assert response["Location"].startswith("/login/?next=/send/")


def test_staff_have_no_wallet_to_send_from() -> None:
    client = people.sign_in(people.make_staff("staff@example.com"))
    for url in ("/wallet/", "/send/", "/activity/", "/wallet/reveal/"):
        assert client.get(url)["Location"] == "/admin/"
