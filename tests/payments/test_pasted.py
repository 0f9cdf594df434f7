"""Whom to pay, how much and the secrets, as people paste them."""

from typing import Any

import pytest
from django.test import Client
from pytest_django.fixtures import Settings

from accounts.models import Guard, Tally, User
from ledger.models import Account
from payments.forms import PinAndCodeForm
from payments.models import Payment
from tests import people

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "serializable"])
GOOD = {"payee": "@grace", "amount": "12.34", "note": "Lunch"}
BETWEEN = [
    "\u00a0",
    "\u2009",
    "\u202f",
    "-",
    "\u2011",
    "\u2013",
    "\u2212",
    ".",
    "/",
    "\u200b",
    "\u2066",
    "\ufeff",
    "\u00ad",
    "\t",
]


def errors(page: Any) -> dict[str, list[str]]:
    return {name: list(found) for name, found in page.context["form"].errors.items()}


@pytest.mark.parametrize("between", BETWEEN, ids=ascii)
def test_an_account_number_is_found_however_it_was_copied(as_ada: Client, grace: User, between: str) -> None:
    number = Account.objects.for_owner(grace).number
    typed = between.join([number[:4], number[4:8], number[8:]])
    for payee in (typed, f"\u200e{typed}\u00a0", f"Account number: {typed}"):
        assert as_ada.post("/send/", GOOD | {"payee": payee}).status_code == 302, payee
    assert {payment.payee for payment in Payment.objects.all()} == {grace}


@pytest.mark.parametrize("zero", "０٠۰०", ids=ascii)
def test_an_account_number_is_found_in_other_digits(as_ada: Client, grace: User, zero: str) -> None:
    number = Account.objects.for_owner(grace).number
    typed = "".join(chr(ord(zero) + int(digit)) for digit in number)
    assert as_ada.post("/send/", GOOD | {"payee": typed}).status_code == 302


@pytest.mark.parametrize(
    "payee",
    [
        "@ Grace", "＠ｇｒａｃｅ", "@grace,", "grace.", "“@grace”", "@gra\u200bce", "\u2066@grace\u2069", "GRACE\u00a0",
        "Grace Hopper <grace@example.com>", "mailto:grace@example.com", "<GRACE@example.com>", "grace＠example．com", "grace@example.com;",
    ],
)  # fmt: skip
def test_a_handle_or_an_address_is_found_however_it_was_copied(as_ada: Client, grace: User, payee: str) -> None:
    assert as_ada.post("/send/", GOOD | {"payee": payee}).status_code == 302
    assert Payment.objects.get().payee == grace


def test_what_nobody_can_have_says_so_and_costs_nothing(as_ada: Client, grace: User, settings: Settings) -> None:
    settings.UNKNOWN_PAYEES_PER_HOUR = 3
    number = Account.objects.for_owner(grace).number
    typo = number[:-1] + str((int(number[-1]) + 1) % 10)
    swapped = number[1] + number[0] + number[2:] if number[0] != number[1] else typo
    mistakes = {
        typo: "check digits of this account number don’t match",
        f"{swapped[:4]}\u00a0{swapped[4:8]}\u2013{swapped[8:]}": "check digits of this account number don’t match",
        number[:-1]: "has 12 digits: this has 11",
        f"{number} 0": "has 12 digits: this has 13",
        "12-34": "has 12 digits: this has 4",
        "grace@": "no email address",
        "grace@example@com": "no email address",
        '"a\x01b"@example.com': "no email address",
        "Grace Hopper": "this is none of them",
        "@gr": "this is none of them",
        "https://example.com/grace": "this is none of them",
        "DE89 3704 0044 0532 0130 00": "this is none of them",
    }
    for _ in range(4):
        for payee, message in mistakes.items():
            assert message in errors(as_ada.post("/send/", GOOD | {"payee": payee}))["payee"][0], payee
    assert Tally.objects.get(scope="payee").count == 0
    for _ in range(4):
        as_ada.post("/send/", GOOD | {"payee": "@nobody"})
    # Still said where nobody is looked up any more.
    assert mistakes[typo] in errors(as_ada.post("/send/", GOOD | {"payee": typo}))["payee"][0]
    assert "Try again in an hour" in errors(as_ada.post("/send/", GOOD | {"payee": number}))["payee"][0]


@pytest.mark.parametrize(
    "amount", ["1234,50", "1.234,50", "1 234.50", "1'234.50", "1\u202f234,50\u00a0€", "١٬٢٣٤٫٥٠", "１２３４．５０"]
)
def test_the_check_page_shows_what_was_understood(as_ada: Client, grace: User, amount: str) -> None:
    response = as_ada.post("/send/", GOOD | {"amount": amount})
    page = as_ada.get(response["Location"]).content.decode()
    assert "<strong>€1,234.50</strong>" in page
    assert "Send €1,234.50" in page
    payment = Payment.objects.get()
    again = as_ada.get(f"/send/?from={payment.id}")
    assert 'value="1234.50"' in again.content.decode()


def test_a_doubt_is_asked_about_beside_the_amount_and_nothing_else_is_lost(as_ada: Client, grace: User) -> None:
    page = as_ada.post("/send/", GOOD | {"amount": "1.234"})
    assert errors(page) == {"amount": ["This can be read in two ways. Enter 1234.00 or 1.23, whichever you mean."]}
    html = page.content.decode()
    assert 'id="id_amount_error"' in html
    for value in ("1.234", "@grace", "Lunch"):
        assert f'value="{value}"' in html
    assert not Payment.objects.exists()


def test_going_back_is_understood_in_every_currency() -> None:
    for currency, amount, typed in (("EUR", 1_234_00, "1234.00"), ("JPY", 1234, "1234"), ("KWD", 1_234, "1.234")):
        payment = Payment(currency=currency, amount=amount, payee_account=Account(owner=User(handle="grace")))
        assert payment.as_typed()["amount"] == typed


@pytest.mark.parametrize("pin", ["418 529", "418\u00a0529", " 418529\u200b", "４１８５２９", "418-529"])
def test_a_pin_is_read_however_it_was_copied(as_ada: Client, ada: User, grace: User, pin: str) -> None:
    people.fund(ada, 100_00)
    payment = Payment.objects.draft(payer=ada, payee=grace, amount=12_34, note="")
    assert as_ada.post(f"/send/{payment.id}/check/", {"pin": pin})["Location"] == f"/send/{payment.id}/done/"


@pytest.mark.parametrize("pin", ["418529" * 9, "4185290", "41852", "4185x9", "418\u202e529", "٤١8529", "٤١٨٥٢٩"])
def test_what_cannot_be_a_pin_costs_no_try(as_ada: Client, ada: User, grace: User, pin: str) -> None:
    payment = Payment.objects.draft(payer=ada, payee=grace, amount=12_34, note="")
    assert errors(as_ada.post(f"/send/{payment.id}/check/", {"pin": pin})) == {"pin": ["Your PIN is 6 digits, 0 to 9."]}
    assert not Guard.objects.exists()


def test_a_code_beside_the_pin_is_read_however_it_was_copied(as_ada: Client, ada: User, grace: User) -> None:
    people.fund(ada, 1_000_00)
    payment = Payment.objects.draft(payer=ada, payee=grace, amount=250_00, note="")
    code = people.code_for(ada)
    typed = {"pin": people.PAYMENT_PIN, "code": f"\u200b{code[:3]}\u00a0{code[3:]}"}
    assert as_ada.post(f"/send/{payment.id}/check/", typed)["Location"] == f"/send/{payment.id}/done/"


def test_pin_and_code_sent_twice_are_told_once_each(as_ada: Client, ada: User, grace: User) -> None:
    payment = Payment.objects.draft(payer=ada, payee=grace, amount=250_00, note="")
    page = as_ada.post(f"/send/{payment.id}/check/", {"pin": ["418529"] * 2, "code": ["123456"] * 2})
    assert isinstance(page.context["form"], PinAndCodeForm)
    again = ["This was sent more than once. Enter it again."]
    assert errors(page) == {"pin": again, "code": again}


@pytest.mark.parametrize("control", ["\0", "\x01", "\x07", "\x1b", "\x1c", "\x1f", "\x7f", "\x85x", "\x9f"], ids=ascii)
def test_a_note_has_no_control_characters(as_ada: Client, grace: User, control: str) -> None:
    page = as_ada.post("/send/", GOOD | {"note": f"re{control}nt"})
    if control == "\x85x":
        assert Payment.objects.get().note == "re xnt"  # next line: a line end like any other
        return
    assert errors(page) == {"note": ["Take out the invisible characters: the note can only hold text."]}
