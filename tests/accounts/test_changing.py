"""Changing password, PINs, authenticator and recovery codes."""

import re
from typing import Any

import pytest
from django.core import mail
from django.test import Client

from accounts.credentials import recovery_codes, totp
from accounts.credentials.hashing import Kind
from accounts.errors import SecretLocked, WrongSecret
from accounts.guard import attempts
from accounts.models import SecurityEvent, StepUp, User
from tests.notices.telling import deliver, kinds_told
from tests.people import PASSWORD, code_for, make_customer, make_staff, sign_in

pytestmark = pytest.mark.django_db(transaction=True)
ROOT = "/settings/security/"
NEW_PASSWORD = "another horse battery"
CHANGES: dict[str, dict[str, str]] = {
    "password": {"password": NEW_PASSWORD},
    "pins": {"view_pin": "8241", "payment_pin": "730516"},
    "recovery": {},
    "authenticator": {},
}


CHANGED = {"password": "Password changed", "pins": "PINs changed"}


def post(client: Client, page: str, user: User, **more: str) -> Any:
    proof = {"current_password": PASSWORD, "code": code_for(user)}
    return client.post(f"{ROOT}{page}/", CHANGES[page] | proof | more)


def state(user: User) -> tuple[object, ...]:
    fresh = User.objects.get(pk=user.pk)
    device = fresh.authenticators.filter(confirmed=True).get()
    digests = sorted(bytes(code.digest) for code in fresh.recovery_codes.all())
    return fresh.password, fresh.view_pin, fresh.payment_pin, device.pk, digests


@pytest.mark.asvs("7.5.1", "6.2.3")
@pytest.mark.parametrize("page", CHANGES)
@pytest.mark.parametrize("wrong", [{"current_password": "wrong horse battery"}, {"code": "wrong"}, {"code": "000000"}])
def test_nothing_changes_without_password_and_code(client: Client, page: str, wrong: dict[str, str]) -> None:
    alice = make_customer()
    recovery_codes.issue_recovery(alice)
    sign_in(alice, client)
    before = state(alice)
    answer = post(client, page, alice, **wrong)
    assert answer.status_code == 200
    assert "error-summary" in answer.content.decode()
    assert state(alice) == before
    assert kinds_told() == []
    assert PASSWORD not in answer.content.decode()


@pytest.mark.asvs("7.4.3", "6.3.7")
@pytest.mark.parametrize("page", ["password", "pins"])
def test_a_change_ends_the_other_sessions_is_logged_and_mailed(client: Client, page: str) -> None:
    alice = make_customer()
    other = Client()
    sign_in(alice, client)
    sign_in(alice, other)
    assert post(client, page, alice)["Location"] == ROOT
    assert client.get(ROOT).status_code == 200
    assert other.get(ROOT)["Location"].startswith("/login/")
    assert SecurityEvent.objects.filter(user=alice, kind=f"{page}_changed").count() == 1
    assert not mail.outbox  # the page waits for no mail server
    deliver()
    assert [(sent.to, sent.subject) for sent in mail.outbox] == [([alice.email], CHANGED[page])]


@pytest.mark.asvs("6.2.2")
def test_the_new_password_works_and_the_old_one_does_not(client: Client) -> None:
    alice = make_customer()
    sign_in(alice, client)
    post(client, "password", alice)
    fresh = User.objects.get()
    attempts.prove(fresh, Kind.PASSWORD, NEW_PASSWORD)
    with pytest.raises(WrongSecret):
        attempts.prove(fresh, Kind.PASSWORD, PASSWORD)


@pytest.mark.parametrize("bad", ["short", "123456789012", "password1234", "alice@example.com", "x" * 1025])
def test_a_new_password_keeps_to_the_rules(client: Client, bad: str) -> None:
    alice = make_customer()
    sign_in(alice, client)
    assert 'id="id_password_error"' in post(client, "password", alice, password=bad).content.decode()


def test_the_new_pins_work(client: Client) -> None:
    alice = make_customer()
    sign_in(alice, client)
    post(client, "pins", alice)
    fresh = User.objects.get()
    attempts.prove(fresh, Kind.VIEW_PIN, "8241")
    attempts.prove(fresh, Kind.PAYMENT_PIN, "730516")


def test_new_pins_end_a_lock_on_the_old_ones(client: Client) -> None:
    alice = make_customer()
    sign_in(alice, client)
    for _ in range(5):
        with pytest.raises((WrongSecret, SecretLocked)):
            attempts.prove(alice, Kind.PAYMENT_PIN, "999999")
    post(client, "pins", alice)
    attempts.prove(User.objects.get(), Kind.PAYMENT_PIN, "730516")


def test_new_pins_keep_to_the_rules(client: Client) -> None:
    alice = make_customer()
    sign_in(alice, client)
    assert 'id="id_payment_pin_error"' in post(client, "pins", alice, payment_pin="123456").content.decode()
    assert 'id="id_view_pin_error"' in post(client, "pins", alice, view_pin="1111").content.decode()


@pytest.mark.asvs("6.5.6")
def test_new_recovery_codes_are_shown_once_and_replace_the_old(client: Client) -> None:
    alice = make_customer()
    old = recovery_codes.issue_recovery(alice)
    sign_in(alice, client)
    page = post(client, "recovery", alice).content.decode()
    shown = re.findall("[0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z]{4}", page)
    assert len(shown) == 10
    recovery_codes.redeem_recovery(alice, shown[0])
    with pytest.raises(WrongSecret):
        recovery_codes.redeem_recovery(alice, old[0])
    deliver()
    assert len(mail.outbox) == 1


def test_a_new_authenticator_takes_the_place_of_the_old(client: Client) -> None:
    alice = make_customer()
    other = Client()
    sign_in(alice, client)
    sign_in(alice, other)
    old = alice.authenticators.get()
    assert post(client, "authenticator", alice)["Location"] == f"{ROOT}authenticator/new/"
    assert alice.authenticators.filter(confirmed=True).get() == old
    new = alice.authenticators.get(confirmed=False)
    assert "<svg" in client.get(f"{ROOT}authenticator/new/").content.decode()
    assert "not right" in client.post(f"{ROOT}authenticator/new/", {"code": "000000"}).content.decode()

    code = totp.code_for_step(new.seed, totp.step_at())
    assert client.post(f"{ROOT}authenticator/new/", {"code": code})["Location"] == ROOT
    assert list(alice.authenticators.values_list("pk", "confirmed")) == [(new.pk, True)]
    assert client.get(ROOT).status_code == 200
    assert other.get(ROOT)["Location"].startswith("/login/")
    assert SecurityEvent.objects.filter(kind="authenticator_set").count() == 1
    deliver()
    assert len(mail.outbox) == 1


def test_the_new_key_is_shown_only_for_ten_minutes_after_the_proof(client: Client) -> None:
    alice = make_customer()
    sign_in(alice, client)
    assert client.get(f"{ROOT}authenticator/new/")["Location"] == f"{ROOT}authenticator/"
    post(client, "authenticator", alice)
    StepUp.objects.all().delete()
    assert client.get(f"{ROOT}authenticator/new/")["Location"] == f"{ROOT}authenticator/"


def test_a_recovery_code_replaces_a_lost_authenticator(client: Client) -> None:
    alice = make_customer()
    code = recovery_codes.issue_recovery(alice)[0]
    sign_in(alice, client)
    assert post(client, "authenticator", alice, code=code)["Location"] == f"{ROOT}authenticator/new/"


def test_staff_have_no_pins_to_change(client: Client) -> None:
    sign_in(make_staff(), client)
    assert client.get(f"{ROOT}pins/")["Location"] == "/admin/"
    assert "PINs" not in client.get(ROOT).content.decode()


def test_guessing_here_counts_like_at_the_sign_in(client: Client) -> None:
    alice = make_customer()
    sign_in(alice, client)
    for _ in range(5):
        answer = post(client, "password", alice, current_password="wrong horse battery")
    assert "Too many wrong tries" in answer.content.decode()
    assert "Too many wrong tries" in post(client, "password", alice).content.decode()
