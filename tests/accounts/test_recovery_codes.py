"""Recovery codes on pages: shown once, in a file, asked for with letters, and counted when one was used."""

import re
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.credentials import recovery_codes
from accounts.models import User
from tests.people import PASSWORD, code_for, make_customer, make_staff, sign_in

pytestmark = pytest.mark.django_db(transaction=True)
CODES = "[0-9A-Z]{4}(?:-[0-9A-Z]{4}){3}"
FILE = "/settings/security/recovery/file/"


def main_of(page: Any) -> str:
    """What the page says between its head and its foot."""
    return str(page.content.decode().split("<main")[1].split("</main>")[0])


def shown_at_set_up(client: Client) -> Any:
    alice = make_customer()
    User.objects.update(recovery_saved_at=None)
    sign_in(alice, client)
    return client.post("/setup/recovery/", {"action": "show"})


def shown_in_settings(client: Client) -> Any:
    alice = make_customer()
    sign_in(alice, client)
    return client.post("/settings/security/recovery/", {"current_password": PASSWORD, "code": code_for(alice)})


def file_field(page: Any) -> dict[str, str]:
    (signed,) = re.findall(r'name="file"\s+value="([^"]+)"', page.content.decode())
    return {"file": signed}


# The file


@pytest.mark.parametrize("shown", [shown_at_set_up, shown_in_settings])
def test_the_codes_can_be_saved_as_a_file(client: Client, shown: Any, settings: Any) -> None:
    settings.SITE_NAME = "Two & Fold"
    page = shown(client)
    on_page = re.findall(f"<li>({CODES})</li>", page.content.decode())
    assert len(on_page) == 10
    saved = client.post(FILE, file_field(page))
    assert saved["Content-Type"] == "text/plain; charset=utf-8"
    assert saved["Content-Disposition"] == 'attachment; filename="two-fold-recovery-codes.txt"'
    assert "no-store" in saved["Cache-Control"]
    text = saved.content.decode()
    assert re.findall(f"^{CODES}$", text, re.MULTILINE) == on_page
    assert "alice@example.com at Two & Fold" in text
    assert client.post(FILE, file_field(page)).content == saved.content  # again, while they are shown


def test_the_file_is_made_of_what_the_page_holds_and_of_nothing_kept(client: Client) -> None:
    page = shown_at_set_up(client)
    for code in re.findall(CODES, page.content.decode()):
        assert code not in str(dict(client.session))
        assert FILE not in page.wsgi_request.get_full_path()


@pytest.mark.parametrize("change", ["invented", "another's", "altered", "too late", "replaced", "nothing"])
def test_there_is_no_file_of_codes_that_are_not_shown(client: Client, change: str) -> None:
    field = file_field(shown_in_settings(client))
    if change == "invented":
        field = {"file": "0000-0000-0000-0000"}
    elif change == "another's":
        sign_in(make_customer("mallory"), client)
    elif change == "altered":
        field["file"] = field["file"][:-1] + ("A" if field["file"][-1] != "A" else "B")
    elif change == "replaced":
        recovery_codes.issue_recovery(User.objects.get())
    elif change == "nothing":
        field = {}
    with time_machine.travel(timezone.now() + timedelta(minutes=16 if change == "too late" else 0)):
        if change == "too late":
            sign_in(User.objects.get(), client)
        answer = client.post(FILE, field)
        assert answer["Location"] == reverse("accounts:security")
        assert not re.findall(CODES, client.get(answer["Location"]).content.decode())


def test_a_page_makes_no_file_for_somebody_else_whose_set_has_the_same_name(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(recovery_codes, "current_set", lambda user: "SAME")
    field = file_field(shown_in_settings(client))
    assert client.post(FILE, field).status_code == 200
    sign_in(make_customer("mallory"), client)
    assert client.post(FILE, field)["Location"] == reverse("accounts:security")


def test_nobody_else_gets_a_file(client: Client) -> None:
    field = file_field(shown_in_settings(client))
    assert Client().post(FILE, field)["Location"].startswith("/login/")


# Which keys a phone shows


def asked_at_the_sign_in(client: Client, query: str = "") -> str:
    alice = User.objects.first() or make_customer()
    client.post("/login/", {"email": alice.email, "password": PASSWORD})
    return main_of(client.get(f"/login/code/{query}"))


def test_a_sign_in_asks_for_digits_and_leads_to_the_page_for_letters(client: Client) -> None:
    page = asked_at_the_sign_in(client)
    field = re.findall('<input[^>]*name="code"[^>]*>', page)[0]
    assert 'inputmode="numeric"' in field and 'pattern="[0-9]*"' in field and 'autocomplete="one-time-code"' in field
    assert 'href="/login/code/?recovery"' in page

    page = asked_at_the_sign_in(client, "?recovery")
    field = re.findall('<input[^>]*name="code"[^>]*>', page)[0]
    assert "numeric" not in field and "pattern" not in field and 'autocapitalize="characters"' in field
    assert "Recovery code</label>" in page
    assert 'href="/login/code/"' in page


@pytest.mark.parametrize("query", ["", "?recovery"])
@pytest.mark.parametrize("kind", ["code", "recovery code"])
def test_either_page_takes_either(client: Client, query: str, kind: str) -> None:
    alice = make_customer()
    code = code_for(alice) if kind == "code" else recovery_codes.issue_recovery(alice)[0]
    asked_at_the_sign_in(client, query)
    assert client.post(f"/login/code/{query}", {"code": code})["Location"] == "/wallet/"


@pytest.mark.parametrize("path", ["password", "pins", "recovery", "authenticator"])
def test_a_change_asks_for_digits_or_letters_too(client: Client, path: str) -> None:
    sign_in(make_customer(), client)
    page = main_of(client.get(f"/settings/security/{path}/"))
    assert 'inputmode="numeric"' in re.findall('<input[^>]*name="code"[^>]*>', page)[0]
    assert f'href="/settings/security/{path}/?recovery"' in page
    page = main_of(client.get(f"/settings/security/{path}/?recovery"))
    assert "Recovery code</label>" in page and "Current password</label>" in page


# How many are left


def sign_in_with(client: Client, code: str) -> str:
    asked_at_the_sign_in(client)
    answer = client.post("/login/code/?recovery", {"code": code}, follow=True)
    assert answer.redirect_chain[-1][0] == "/wallet/"
    return main_of(answer)


def test_signing_in_with_one_says_how_many_are_left(client: Client) -> None:
    alice = make_customer()
    shown = recovery_codes.issue_recovery(alice)
    for number, left in enumerate(["9 are left.", "8 are left.", "7 are left."]):
        page = sign_in_with(Client(), shown[number])
        assert f"You used a recovery code. {left}" in page
        assert f'<a href="{reverse("accounts:change_recovery")}">' in page
    alice.recovery_codes.exclude(used_at=None).delete()
    alice.recovery_codes.filter(pk__in=alice.recovery_codes.values("pk")[2:]).delete()
    last = [code for code in shown if codes_match(alice, code)]
    assert "1 is left." in sign_in_with(Client(), last[0])
    page = sign_in_with(client, last[1])
    assert "It was your last one." in page and "notice--warning" in page


def codes_match(user: User, code: str) -> bool:
    return any(
        bytes(row.digest)
        == recovery_codes.digest(user, code, row.key_id, bytes(row.digest)[: recovery_codes.SALT_BYTES])
        for row in user.recovery_codes.filter(used_at=None)
    )


def test_a_code_of_the_app_says_nothing_of_recovery_codes(client: Client) -> None:
    alice = make_customer()
    assert "recovery code" not in sign_in_with(client, code_for(alice))


def test_a_change_confirmed_by_one_says_it_too(client: Client) -> None:
    alice = make_customer()
    shown = recovery_codes.issue_recovery(alice)
    sign_in(alice, client)
    new = {"view_pin": "9173", "payment_pin": "402817", "current_password": PASSWORD, "code": shown[0]}
    page = client.post("/settings/security/pins/", new, follow=True)
    assert "You used a recovery code. 9 are left." in main_of(page)


def test_the_code_with_which_staff_enrol_is_not_one_of_them(client: Client) -> None:
    staff = make_staff()
    staff.authenticators.all().delete()
    User.objects.update(recovery_saved_at=None)
    code = recovery_codes.issue_enrolment(staff)
    client.post("/login/", {"email": staff.email, "password": PASSWORD})
    page = client.post("/login/code/?recovery", {"code": code}, follow=True)
    assert page.redirect_chain[-1][0] == "/setup/totp/"
    assert "recovery code." not in main_of(page)
