"""Attacks that were found by reading the code as somebody who means harm."""

import os
import re
from datetime import timedelta

import bcrypt
import pytest
import time_machine
from django.apps import apps
from django.core import mail, signing
from django.test import Client, RequestFactory
from django.utils import timezone

from accounts.credentials import recovery_codes
from accounts.guard import known_browsers
from accounts.models import Guard, User
from backoffice.roles import AUDITORS, make_groups
from tests.people import PASSWORD, VIEW_PIN, code_for, make_customer, make_staff, sign_in
from tests.production import ENVIRONMENT
from tests.running import manage
from tests.threads import run_together

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "serializable"])
RECOVERY_CODE = "7F3K-9Q2M-0XTN-5C8D"
WRONG = "not my password at all"


@pytest.fixture
def hashes(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Grows with each bcrypt hash that is computed."""
    computed: list[str] = []
    hash_password, check_password = bcrypt.hashpw, bcrypt.checkpw

    def hashpw(password: bytes, salt: bytes) -> bytes:
        computed.append("hashpw")
        return hash_password(password, salt)

    def checkpw(password: bytes, hashed: bytes) -> bool:
        computed.append("checkpw")
        return check_password(password, hashed)

    monkeypatch.setattr(bcrypt, "hashpw", hashpw)
    monkeypatch.setattr(bcrypt, "checkpw", checkpw)
    return computed


def hashes_for_a_recovery_code(hashes: list[str], email: str, password: str) -> int:
    client = Client()
    client.post("/login/", {"email": email, "password": password})
    hashes.clear()
    assert client.post("/login/code/", {"code": RECOVERY_CODE}).status_code == 200
    return len(hashes)


@pytest.mark.asvs("6.3.8")
@pytest.mark.parametrize("has_codes", [True, False])
def test_how_long_a_recovery_code_takes_does_not_tell_whether_the_password_was_right(
    hashes: list[str], has_codes: bool
) -> None:
    """Also while either counter is locked."""
    alice = make_customer()
    if has_codes:
        recovery_codes.issue_recovery(alice)
    for _ in range(7):
        assert hashes_for_a_recovery_code(hashes, alice.email, WRONG) == 1
        Guard.objects.filter(kind="password").delete()
    for _ in range(7):
        assert hashes_for_a_recovery_code(hashes, alice.email, PASSWORD) == 1


@pytest.mark.asvs("16.5.3")
def test_a_button_pressed_twice_changes_the_key_once_and_is_no_failure() -> None:
    client = Client()
    sign_in(make_customer(), client)
    key = client.cookies["session"].value

    def press() -> int:
        again = Client()
        again.cookies["session"] = key
        return again.post("/wallet/reveal/", {"pin": VIEW_PIN}).status_code

    answers = run_together([press] * 8)
    assert answers.count(302) >= 1
    assert set(answers) <= {302, 400}


def test_who_pressed_twice_is_told_so(monkeypatch: pytest.MonkeyPatch) -> None:
    first, second = Client(), Client()
    sign_in(make_customer(), first)
    second.cookies["session"] = first.cookies["session"].value

    def overtaken(*_: object) -> None:
        monkeypatch.undo()
        assert first.post("/wallet/reveal/", {"pin": VIEW_PIN}).status_code == 302

    monkeypatch.setattr("statements.views.prove", overtaken)
    answer = second.post("/wallet/reveal/", {"pin": VIEW_PIN})
    assert answer.status_code == 400
    assert b"Your session changed meanwhile" in answer.content


def device_of(user: User, cookie: str) -> bool:
    request = RequestFactory().get("/")
    request.COOKIES[known_browsers.COOKIE] = cookie
    return known_browsers.is_known(request, user)


@pytest.mark.asvs("9.1.1", "9.2.1", "9.2.2", "1.5.2")
def test_a_device_cookie_counts_for_a_year_for_its_purpose_and_unaltered() -> None:
    alice = make_customer()
    known = {str(alice.id): known_browsers.pass_for(alice, "a nonce")}
    good = signing.dumps(known, salt=known_browsers.SALT)
    assert device_of(alice, good)
    assert not device_of(alice, good[:-1] + ("A" if good[-1] != "A" else "B"))
    assert not device_of(alice, signing.dumps(known, salt="another purpose"))
    with time_machine.travel(timezone.now() + timedelta(seconds=known_browsers.YEAR + 1)):
        assert not device_of(alice, good)


@pytest.mark.asvs("6.1.1")
def test_a_stranger_cannot_use_up_the_mails_of_an_owner() -> None:
    alice = make_customer()
    stranger, owner = Client(REMOTE_ADDR="203.0.113.9"), Client(REMOTE_ADDR="198.51.100.5")
    for _ in range(30):
        stranger.post("/recover/", {"email": alice.email})
    assert len(mail.outbox) == 5
    owner.post("/recover/", {"email": alice.email})
    assert len(mail.outbox) == 6


@pytest.mark.asvs("2.4.1")
def test_many_strangers_together_do_not_flood_a_mailbox() -> None:
    alice = make_customer()
    for network in range(10):
        for _ in range(4):
            Client(REMOTE_ADDR=f"203.0.113.{network}").post("/recover/", {"email": alice.email})
    # Twenty in all, and the first that each network asks for: its owner may be there.
    assert len(mail.outbox) == 20 + 5


@pytest.mark.asvs("16.3.3")
def test_opening_a_customer_in_the_admin_is_in_their_log() -> None:
    make_groups(apps.get_app_config("payments"), "default")
    alice, auditor = make_customer(), make_staff(groups=[AUDITORS])
    client = Client()
    sign_in(auditor, client)
    assert client.get(f"/admin/accounts/user/{alice.pk}/change/").status_code == 200
    (event,) = alice.security_events.filter(kind="staff_viewed")
    assert event.actor == auditor


def reset_path() -> str:
    """Where the last mail leads."""
    return str(re.findall(r"/reset/[^/\s]+/", str(mail.outbox[-1].body))[0])


@pytest.mark.asvs("6.4.3")
@pytest.mark.parametrize("way", ["by link", "in the settings"])
def test_no_link_mailed_before_outlives_a_change_of_the_password(way: str) -> None:
    alice, browser, thief = make_customer(), Client(), Client()
    thief.post("/recover/", {"email": alice.email})
    stolen = reset_path()
    assert thief.get(stolen)["Location"] == "/reset/"
    new = {"password": "nine lilac tramways", "code": code_for(alice)}
    if way == "by link":
        browser.post("/recover/", {"email": alice.email})
        browser.get(reset_path())
        changed = browser.post("/reset/", new)
    else:
        sign_in(alice, browser)
        changed = browser.post("/settings/security/password/", new | {"current_password": PASSWORD})
    assert changed.status_code == 302
    assert thief.get("/reset/").status_code == 410
    assert thief.get(stolen).status_code == 410


@pytest.mark.asvs("4.1.3")
@pytest.mark.parametrize("hosts", ["*", "wallet.example.com,*", ".example.com"])
def test_a_site_that_answers_to_any_host_does_not_start(hosts: str) -> None:
    """It would mail links, with their tokens, to wherever a forged Host header says."""
    done = manage({**os.environ, **ENVIRONMENT, "BCRYPT_ROUNDS": "12", "ALLOWED_HOSTS": hosts}, "check")
    assert done.returncode == 2
    assert "ALLOWED_HOSTS" in done.stderr
