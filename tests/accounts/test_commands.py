"""What is done at the command line."""

import re
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from accounts import codes, totp
from accounts.models import User
from tests.accounts.people import make_customer, make_staff

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


def test_totp_refuses_outside_demo_mode(settings: object) -> None:
    settings.DEMO = False  # type: ignore[attr-defined]
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
    codes.redeem_enrolment(user, code[0])


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
