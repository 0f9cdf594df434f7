"""Signing in: password, then code, and one answer that says nothing about which was wrong."""

import re
from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse

from accounts.credentials import hashing, recovery_codes
from accounts.guard import attempts
from accounts.models import Guard, SecurityEvent, Session, User
from tests.people import PASSWORD, code_for, make_begun, make_customer, make_staff
from tests.threads import run_together

pytestmark = pytest.mark.django_db(transaction=True)
LOGIN, CODE = "/login/", "/login/code/"
REFUSED = "That email, password or code is not right."


def give_password(client: Client, email: str, password: str = PASSWORD, **more: str) -> Any:
    return client.post(LOGIN, {"email": email, "password": password} | more)


def give_code(client: Client, code: str) -> Any:
    return client.post(CODE, {"code": code})


def is_in(client: Client) -> bool:
    return bool(client.get(reverse("accounts:settings")).status_code == 200)


def test_password_and_code_lead_to_the_wallet(client: Client) -> None:
    alice = make_customer()
    assert give_password(client, alice.email)["Location"] == CODE
    assert not is_in(client)
    assert give_code(client, code_for(alice))["Location"] == reverse("payments:wallet")
    assert is_in(client)


def test_the_email_is_read_without_case_and_spaces(client: Client) -> None:
    alice = make_customer()
    give_password(client, " ALICE@Example.com ")
    give_code(client, code_for(alice))
    assert is_in(client)


def test_a_wrong_code_is_not_sent_back(client: Client) -> None:
    alice = make_customer()
    wrong, recovery = code_for(alice, 9), recovery_codes.new()
    give_password(client, alice.email)
    assert wrong not in give_code(client, wrong).content.decode()
    assert recovery not in give_code(client, recovery).content.decode()


def test_a_code_with_a_space_in_it_is_fine(client: Client) -> None:
    alice = make_customer()
    give_password(client, alice.email)
    code = code_for(alice)
    give_code(client, f"{code[:3]} {code[3:]}")
    assert is_in(client)


@pytest.mark.asvs("6.3.8")
def test_whatever_is_wrong_the_pages_are_the_same() -> None:
    alice = make_customer()
    tries = {
        "unknown email": ("nobody@example.com", PASSWORD),
        "wrong password": (alice.email, "wrong horse battery"),
        "wrong code": (alice.email, PASSWORD),
    }
    seen = set()
    for email, password in tries.values():
        client = Client()
        first = give_password(client, email, password)
        page = client.get(CODE)
        last = give_code(client, "000000" if code_for(alice) != "000000" else "000001")
        bodies = [re.sub(r'value="[\w-]{64}"', "", answer.content.decode()) for answer in (first, page, last)]
        seen.add((first.status_code, first["Location"], last.status_code, *bodies))
        assert REFUSED in bodies[-1]
    assert len(seen) == 1


@pytest.mark.asvs("6.3.8")
def test_a_lock_looks_like_any_other_refusal_for_known_and_unknown() -> None:
    alice = make_customer()
    for email in (alice.email, "nobody@example.com"):
        for _ in range(5):
            give_password(Client(), email, "wrong horse battery")
        client = Client()
        assert give_password(client, email)["Location"] == CODE
        assert REFUSED in give_code(client, code_for(alice)).content.decode()
        assert not is_in(client)
    assert Guard.objects.filter(kind="password", locked_until__isnull=False).count() == 2


def test_every_sign_in_computes_one_hash_whatever_its_outcome(monkeypatch: pytest.MonkeyPatch) -> None:
    alice = make_customer()
    computed: list[bytes] = []
    plain = hashing.bcrypt.checkpw
    monkeypatch.setattr(hashing.bcrypt, "checkpw", lambda *both: computed.append(both[1]) or plain(*both))
    for email, password in [(alice.email, PASSWORD), (alice.email, "wrong"), ("nobody@example.com", PASSWORD)]:
        for _ in range(6):  # the fifth wrong one locks, the sixth meets the lock
            computed.clear()
            give_password(Client(), email, password)
            assert len(computed) == 1


@pytest.mark.asvs("6.3.1")
def test_wrong_passwords_in_parallel_with_the_right_one_last_lock_at_five(monkeypatch: pytest.MonkeyPatch) -> None:
    alice = make_customer()
    compared: list[str] = []
    plain = hashing.matches

    def counted(kind: hashing.Kind, user_id: Any, secret: str, encoded: str) -> bool:
        compared.append(secret)
        return plain(kind, user_id, secret, encoded)

    monkeypatch.setattr(attempts.hashing, "matches", counted)
    run_together([lambda guess=guess: give_password(Client(), alice.email, f"guess {guess}") for guess in range(24)])
    client = Client()
    give_password(client, alice.email)
    give_code(client, code_for(alice))
    assert len(compared) == 5
    assert not is_in(client)


@pytest.mark.asvs("6.5.1", "15.4.2")
def test_one_code_in_twenty_parallel_sign_ins_opens_one_session() -> None:
    alice = make_customer()
    clients = [Client() for _ in range(20)]
    for client in clients:
        give_password(client, alice.email)
    code = code_for(alice)
    run_together([lambda client=client: give_code(client, code) for client in clients])
    assert sum(is_in(client) for client in clients) == 1
    assert Session.objects.filter(user=alice).count() == 1


def test_a_wrong_password_never_uses_up_the_authenticators_tries(client: Client) -> None:
    alice = make_customer()
    for _ in range(6):
        stranger = Client()
        give_password(stranger, alice.email, "wrong horse battery")
        give_code(stranger, "123456")
    assert not Guard.objects.filter(subject=alice.id, kind="totp").exists()


def test_five_wrong_codes_lock_the_authenticator(client: Client) -> None:
    alice = make_customer()
    give_password(client, alice.email)
    wrong = "000000" if code_for(alice) != "000000" else "000001"
    for _ in range(5):
        give_code(client, wrong)
    again = Client()
    give_password(again, alice.email)
    assert REFUSED in give_code(again, code_for(alice)).content.decode()
    assert SecurityEvent.objects.filter(user=alice, kind="locked").count() == 1


def test_after_five_codes_the_sign_in_starts_over(client: Client) -> None:
    give_password(client, "nobody@example.com")
    for _ in range(5):
        give_code(client, "123456")
    answer = client.post(CODE, {"code": "123456"}, follow=True)
    assert answer.redirect_chain == [(LOGIN, 302)]
    assert "Please start again" in answer.content.decode()


def test_a_code_used_before_is_said_to_be_so_only_after_a_right_password() -> None:
    alice = make_customer()
    code = code_for(alice)
    for password, told in [(PASSWORD, False), (PASSWORD, True), ("wrong horse battery", False)]:
        client = Client()
        give_password(client, alice.email, password)
        page = give_code(client, code)
        assert ("already used" in page.content.decode()) is told


@pytest.mark.parametrize("code", ["", "12345", "1234567", "١٢٣٤٥٦", "+12345", "12\x00456", "a" * 10_000, "123456\n7"])
def test_what_cannot_be_a_code_comes_back_with_a_reason(client: Client, code: str) -> None:
    alice = make_customer()
    give_password(client, alice.email)
    page = give_code(client, code)
    assert page.status_code == 200
    assert "error-text" in page.content.decode()
    assert not code or f'value="{code}' not in page.content.decode()


@pytest.mark.parametrize(
    ("email", "password"),
    [
        ("", ""),
        ("nobody", "x"),
        ("a\0b@example.com", PASSWORD),
        ("a@example.com", "x\0"),
        ("a@example.com", "x" * 5000),
    ],
)
def test_what_cannot_be_an_email_or_password_comes_back(client: Client, email: str, password: str) -> None:
    page = give_password(client, email, password)
    assert page.status_code == 200
    assert "error-text" in page.content.decode()
    assert PASSWORD not in page.content.decode()


@pytest.mark.asvs("15.3.7")
def test_a_field_that_comes_twice_is_refused(client: Client) -> None:
    page = client.post(LOGIN, {"email": ["alice@example.com", "bob@example.com"], "password": PASSWORD})
    assert "more than once" in page.content.decode()
    give_password(client, make_customer().email)
    assert "more than once" in client.post(CODE, {"code": ["123456", "654321"]}).content.decode()


def test_without_a_password_there_is_no_code_page(client: Client) -> None:
    assert client.get(CODE)["Location"] == LOGIN
    assert give_code(client, "123456")["Location"] == LOGIN


def test_a_recovery_code_works_in_place_of_the_authenticator_once() -> None:
    alice = make_customer()
    code = recovery_codes.issue_recovery(alice)[0]
    for works in (True, False):
        client = Client()
        give_password(client, alice.email)
        give_code(client, code)
        assert is_in(client) is works
    assert SecurityEvent.objects.filter(user=alice, kind="recovery_used").count() == 1


def test_one_recovery_code_in_twenty_parallel_sign_ins_opens_one_session() -> None:
    alice = make_customer()
    code = recovery_codes.issue_recovery(alice)[0]
    clients = [Client() for _ in range(20)]
    for client in clients:
        give_password(client, alice.email)
    run_together([lambda client=client: give_code(client, code) for client in clients])
    assert sum(is_in(client) for client in clients) == 1


@pytest.mark.asvs("7.2.4")
def test_the_session_gets_a_new_key_when_both_are_right_and_not_before(client: Client) -> None:
    alice = make_customer()
    give_password(client, alice.email)
    before = client.cookies[settings.SESSION_COOKIE_NAME].value
    client.get(CODE)
    assert client.cookies[settings.SESSION_COOKIE_NAME].value == before
    give_code(client, code_for(alice))
    assert client.cookies[settings.SESSION_COOKIE_NAME].value != before
    planted = Client()
    planted.cookies[settings.SESSION_COOKIE_NAME] = before
    assert not is_in(planted)


@pytest.mark.asvs("3.7.2")
@pytest.mark.parametrize(
    ("wanted", "lands"),
    [
        ("/settings/", "/settings/"),
        ("/activity/?page=2", "/activity/?page=2"),
        ("https://evil.example/", "/wallet/"),
        ("//evil.example/", "/wallet/"),
        ("/\\evil.example", "/wallet/"),
        ("javascript:alert(1)", "/wallet/"),
        ("settings/", "/wallet/"),
    ],
)
def test_it_goes_on_to_pages_of_ours_only(client: Client, wanted: str, lands: str) -> None:
    alice = make_customer()
    give_password(client, alice.email, next=wanted)
    assert give_code(client, code_for(alice))["Location"] == lands


def test_somebody_who_is_not_active_stays_out(client: Client) -> None:
    alice = make_customer(is_active=False)
    give_password(client, alice.email)
    assert REFUSED in give_code(client, code_for(alice)).content.decode()


def test_half_set_up_goes_on_at_the_step_left(client: Client) -> None:
    bob = make_begun()
    assert give_password(client, bob.email)["Location"] == reverse("accounts:setup_totp")
    client.post(reverse("accounts:setup_totp"), {"code": code_for(bob)})
    client.post(reverse("accounts:setup_recovery"), {"action": "show"})

    again = Client()
    assert give_password(again, bob.email)["Location"] == CODE
    assert give_code(again, code_for(bob, 1))["Location"] == reverse("accounts:setup_recovery")


def test_a_wrong_password_of_somebody_half_set_up_says_nothing(client: Client) -> None:
    bob = make_begun()
    assert give_password(client, bob.email, "wrong horse battery")["Location"] == CODE


@pytest.mark.asvs("7.4.1", "14.3.1")
def test_signing_out_ends_the_session_and_clears_what_the_browser_keeps(client: Client) -> None:
    alice = make_customer()
    give_password(client, alice.email)
    give_code(client, code_for(alice))
    assert client.get(reverse("accounts:logout")).status_code == 405
    assert "storage" in client.post(reverse("accounts:logout"))["Clear-Site-Data"]
    assert not is_in(client)
    assert not Session.objects.filter(user=alice).exists()


def test_staff_enrol_with_the_one_time_code(client: Client) -> None:
    staff = User.objects.create_staff(email="eve@example.com", full_name="Eve", password=PASSWORD)
    code = recovery_codes.issue_enrolment(staff)
    assert give_password(client, staff.email)["Location"] == CODE
    assert give_code(client, code)["Location"] == reverse("accounts:setup_totp")
    client.post(reverse("accounts:setup_totp"), {"code": code_for(staff)})
    client.post(reverse("accounts:setup_recovery"), {"action": "show"})
    done = client.post(reverse("accounts:setup_recovery"), {"action": "saved"})
    assert done["Location"] == reverse("admin:index")


def test_staff_land_in_the_admin(client: Client) -> None:
    staff = make_staff()
    give_password(client, staff.email)
    assert give_code(client, code_for(staff))["Location"] == reverse("admin:index")
