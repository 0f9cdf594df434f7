"""Addresses, codes, handles and searches, as people paste them; and what no address may hold."""

from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.core.management import CommandError, call_command
from django.test import Client

from accounts.credentials import recovery_codes
from accounts.models import SecurityEvent, User
from tests.people import PASSWORD, code_for, make_customer, make_staff, sign_in

pytestmark = pytest.mark.django_db(transaction=True)
CONTROL = [f'"a{chr(code)}b"@example.com' for code in (0, 1, 7, 8, 9, 11, 12, 14, 27, 31, 127, 0x80, 0x9F)]
COPIED = [
    "Ada@Example.com", "mailto:ada@example.com", "Ada Lovelace <ada@example.com>", "<ada@example.com>",
    "\u200bada@example.com\u00a0", "ada＠example．com", "“ada@example.com”", "ada@example.com,",
]  # fmt: skip


@pytest.mark.parametrize("email", COPIED, ids=ascii)
def test_one_signs_in_with_an_address_however_it_was_copied(client: Client, email: str) -> None:
    ada = make_customer("ada")
    client.post("/login/", {"email": email, "password": PASSWORD})
    assert client.post("/login/code/", {"code": code_for(ada)})["Location"] == "/wallet/"


@pytest.mark.parametrize("email", COPIED, ids=ascii)
def test_the_mail_goes_to_the_address_alone(client: Client, mailoutbox: list[Any], email: str) -> None:
    client.post("/register/", {"email": email})
    client.post("/recover/", {"email": email})
    assert [mail.to for mail in mailoutbox] == [["ada@example.com"]] * 2


@pytest.mark.parametrize("between", [" ", "\u00a0", "-", "\u2013", "\u200b", "."], ids=ascii)
def test_codes_are_read_however_they_were_copied(client: Client, between: str) -> None:
    ada = make_customer("ada")
    code = code_for(ada)
    wide = {ord(digit): ord(digit) + 0xFEE0 for digit in "0123456789"}
    client.post("/login/", {"email": ada.email, "password": PASSWORD})
    typed = f"{code[:3]}{between}{code[3:]}".translate(wide)
    assert client.post("/login/code/", {"code": typed})["Location"] == "/wallet/"
    recovery = recovery_codes.issue_recovery(ada)[0]
    misread = recovery.replace("0", "o").replace("1", "l").lower().replace("-", between)
    recovery_codes.redeem_recovery(ada, f"\ufeff{misread} ")


@pytest.mark.parametrize("email", CONTROL, ids=ascii)
@pytest.mark.parametrize("url", ["/register/", "/recover/", "/login/"])
def test_no_page_takes_an_address_with_a_control_character(client: Client, url: str, email: str) -> None:
    page: Any = client.post(url, {"email": email, "password": PASSWORD})
    assert page.context["form"].errors["email"] == ["Take out the invisible characters: an email address has none."]


@pytest.mark.parametrize("email", [email for email in CONTROL if "\0" not in email], ids=ascii)
def test_no_command_takes_an_address_with_a_control_character(monkeypatch: pytest.MonkeyPatch, email: str) -> None:
    monkeypatch.setenv("STAFF_PASSWORD", PASSWORD)
    monkeypatch.setenv("DJANGO_SUPERUSER_PASSWORD", PASSWORD)
    with pytest.raises(CommandError, match="invisible"):
        call_command("createstaff", email, "Audrey Audit")
    with pytest.raises(CommandError, match=r"invisible|valid email"):
        call_command("createsuperuser", interactive=False, email=email, full_name="Rooth")
    for make in (User.objects.create_staff, User.objects.create_superuser):
        with pytest.raises(ValidationError):
            make(email=email, full_name="Rooth")
    assert not User.objects.exists()


@pytest.mark.parametrize("name", ["Au\x07drey", "Audrey\x1b[1m", "x" * 101])
def test_no_command_takes_a_name_with_a_control_character(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.setenv("STAFF_PASSWORD", PASSWORD)
    monkeypatch.setenv("DJANGO_SUPERUSER_PASSWORD", PASSWORD)
    with pytest.raises(CommandError):
        call_command("createstaff", "audrey@example.com", name)
    with pytest.raises(CommandError):
        call_command("createsuperuser", interactive=False, email="audrey@example.com", full_name=name)
    assert not User.objects.exists()


def test_staff_find_people_by_whatever_they_copied(client: Client) -> None:
    ada = make_customer("ada_l", full_name="Ada O’Hara")
    neda = make_customer("neda", full_name="ندا می\u200cخواهم")
    SecurityEvent.objects.create(user=ada, kind="joined", address="192.0.2.7")
    sign_in(make_staff(is_superuser=True), client)
    found = {
        ada: [
            "@ada_l",
            "＠ADA_L",
            "ada_l@example.com",
            "mailto:ada_l@example.com",
            "Ada <ada_l@example.com>",
            "\u200bada_l\u00a0",
            "O’Hara",
        ],
        neda: ["@neda", "می\u200cخواهم", "neda\u2069"],
    }
    for user, searches in found.items():
        other = neda if user is ada else ada
        for search in searches:
            page = client.get("/admin/accounts/user/", {"q": search}).content.decode()
            assert user.email in page, search
            assert other.email not in page, search
    for search in ("@ada_l", "＠ada_l", "ada_l@example.com,", "192.0.2.7"):
        assert "192.0.2.7" in client.get("/admin/accounts/securityevent/", {"q": search}).content.decode(), search
