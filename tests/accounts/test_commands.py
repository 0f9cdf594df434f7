"""What is done at the command line."""

import base64
import re
from datetime import timedelta
from io import StringIO
from typing import Any
from uuid import uuid4

import pytest
from django.contrib.auth.models import Group
from django.core.management import CommandError, call_command
from django.test import Client
from django.utils import timezone

from accounts.credentials import recovery_codes, totp
from accounts.models import Guard, Tally, User
from tests.people import make_customer, make_staff, sign_in

pytestmark = pytest.mark.django_db


def run(*arguments: str, **options: object) -> str:
    out = StringIO()
    call_command(*arguments, stdout=out, **options)
    return out.getvalue()


def test_totp_prints_a_code_that_is_still_good() -> None:
    alice = make_customer()
    device = alice.authenticators.get()
    for _ in range(2):
        code = run("totp", "ALICE@example.com")[:6]
        device.spend(code)


def test_totp_refuses_outside_demo_mode(settings: Any) -> None:
    settings.DEMO = False
    alice = make_customer()
    with pytest.raises(CommandError, match="demo mode"):
        run("totp", alice.email)


def test_totp_names_an_unknown_email() -> None:
    with pytest.raises(CommandError, match=r"nobody@example\.com"):
        run("totp", "nobody@example.com")


def test_createsuperuser_prints_a_one_time_code(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DJANGO_SUPERUSER_PASSWORD", "correct horse battery")
    printed = run("createsuperuser", interactive=False, email="root@example.com", full_name="Rooth")
    code = re.search("[0-9A-Z]{4}(-[0-9A-Z]{4}){3}", printed)
    assert code
    user = User.objects.get()
    assert user.is_superuser
    assert user.handle is None
    recovery_codes.redeem_enrolment(user, code[0])


def test_enrolment_code_is_for_staff_without_an_authenticator() -> None:
    make_staff("has@example.com")
    make_customer()
    User.objects.create_staff(email="new@example.com", full_name="New", password=None)
    assert "new@example.com" in run("enrolment_code", "new@example.com")
    for email in ("has@example.com", "alice@example.com", "nobody@example.com"):
        with pytest.raises(CommandError):
            run("enrolment_code", email)


def test_no_code_repeats_a_step() -> None:
    device = make_customer().authenticators.get()
    device.spend(totp.code_for_step(device.seed, totp.step_at() + 1))
    assert run("totp", "alice@example.com")[:6] == totp.code_for_step(device.seed, totp.step_at() + 2)


def rotate(settings: Any) -> None:
    fresh = base64.urlsafe_b64encode(b"n" * 32).decode()
    settings.CREDENTIAL_KEYS = f"new:{fresh},{settings.CREDENTIAL_KEYS}"


@pytest.mark.asvs("11.2.2", "13.3.4")
def test_credential_keys_counts_what_hangs_on_an_old_key_and_moves_the_seeds(settings: Any) -> None:
    alice = make_customer()
    recovery_codes.issue_recovery(alice)
    seed = alice.authenticators.get().seed
    rotate(settings)
    report = run("credential_keys")
    for line in ("1 passwords", "1 view PINs", "1 payment PINs", "1 authenticator seeds", "10 recovery codes"):
        assert re.search(rf"t1 +old +{line}", report)

    assert "1 seeds encrypted anew under new" in run("credential_keys", "--reseal-seeds")
    assert alice.authenticators.get().seed == seed
    assert re.search("new +current +1 authenticator seeds", run("credential_keys"))
    assert "0 seeds" in run("credential_keys", "--reseal-seeds")


def test_credential_keys_names_a_key_that_is_gone(settings: Any) -> None:
    make_customer()
    settings.CREDENTIAL_KEYS = "new:" + base64.urlsafe_b64encode(b"n" * 32).decode()
    with pytest.raises(CommandError, match="t1"):
        run("credential_keys")


def test_codes_under_an_old_key_still_work(settings: Any) -> None:
    alice = make_customer()
    code = recovery_codes.issue_recovery(alice)[0]
    rotate(settings)
    recovery_codes.redeem_recovery(alice, code)


def test_clear_expired_keeps_what_still_counts() -> None:
    now = timezone.now()
    old = now - timedelta(days=31)
    Guard.objects.create(subject=uuid4(), kind="view", failures=3, tried_at=old)
    Guard.objects.create(subject=uuid4(), kind="view", locks=1, locked_until=old, tried_at=old)
    locked = Guard.objects.create(subject=uuid4(), kind="view", locked_until=now + timedelta(minutes=1), tried_at=old)
    failing = Guard.objects.create(subject=uuid4(), kind="view", failures=1)
    Tally.objects.create(scope="x", subject=uuid4(), ends_at=now - timedelta(seconds=1))
    Tally.objects.create(scope="y", subject=uuid4(), ends_at=now + timedelta(seconds=60))
    run("clear_expired")
    assert set(Guard.objects.all()) == {locked, failing}
    assert [tally.scope for tally in Tally.objects.all()] == ["y"]


@pytest.mark.asvs("7.4.5")
def test_end_sessions_signs_one_or_all_out(client: Client) -> None:
    alice, bob = make_customer(), make_customer("bob")
    others = Client()
    sign_in(alice, client)
    sign_in(bob, others)
    run("end_sessions", alice.email)
    assert client.get("/settings/").status_code == 302
    assert others.get("/settings/").status_code == 200
    run("end_sessions", "--all")
    assert others.get("/settings/").status_code == 302
    for wrong in ([], ["nobody@example.com"], [alice.email, "--all"]):
        with pytest.raises(CommandError):
            run("end_sessions", *wrong)


def test_createstaff_makes_an_auditor_who_enrols_by_a_code(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STAFF_PASSWORD", "correct horse battery")
    Group.objects.get_or_create(name="Auditors")
    printed = run("createstaff", "Audit@example.com", "Audrey Audit", "--group", "Auditors")
    user = User.objects.get(email="audit@example.com")
    assert user.is_staff
    assert not user.is_superuser
    assert [group.name for group in user.groups.all()] == ["Auditors"]
    code = re.search("[0-9A-Z]{4}(-[0-9A-Z]{4}){3}", printed)
    assert code
    recovery_codes.redeem_enrolment(user, code[0])


@pytest.mark.parametrize(
    ("arguments", "password", "reason"),
    [
        (["audit@example.com", "A", "--group", "Kings"], "correct horse battery", "Kings"),
        (["alice@example.com", "A"], "correct horse battery", "already"),
        (["audit@example.com", "A"], "password1234", "common"),
        (["no email", "A"], "correct horse battery", "email"),
    ],
)
def test_createstaff_says_what_is_wrong(
    monkeypatch: pytest.MonkeyPatch, arguments: list[str], password: str, reason: str
) -> None:
    make_customer()
    monkeypatch.setenv("STAFF_PASSWORD", password)
    with pytest.raises(CommandError, match=reason):
        run("createstaff", *arguments)
    assert User.objects.count() == 1
