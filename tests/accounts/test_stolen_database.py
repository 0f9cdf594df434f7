"""A stolen database is worth nothing."""

import os
import re
import subprocess

import bcrypt
import pytest
from django.conf import settings
from django.db import connection

from accounts import secrets
from accounts.models import User
from accounts.secrets import Kind
from tests.accounts.journey import travel
from tests.accounts.people import PASSWORD, PAYMENT_PIN, VIEW_PIN, make_customer
from tests.accounts.test_secrets import KEY_A
from wallet_site.postgres import program

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "serializable"])


def dump() -> str:
    url = re.sub("/[^/?]*(?=[?]|$)", f"/{connection.settings_dict['NAME']}", os.environ["DATABASE_URL"])
    done = subprocess.run([program("pg_dump"), url], capture_output=True, text=True, check=True)
    assert "accounts_user" in done.stdout
    assert "ledger_transfer" in done.stdout
    return done.stdout


@pytest.mark.asvs("6.5.2", "11.4.2", "13.3.1", "14.2.4")
def test_a_dump_after_a_whole_journey_holds_none_of_the_secrets() -> None:
    journey = travel(make_customer("grace"))
    stolen = dump()
    assert journey.user.email in stolen
    found = [
        name for name, secret in journey.secrets.items() if re.search(rf"(?<![\d.]){re.escape(secret)}(?!\d)", stolen)
    ]
    assert found == []
    for code in (secret for name, secret in journey.secrets.items() if name.startswith("recovery")):
        assert code.replace("-", "") not in stolen
    assert settings.SECRET_KEY not in stolen
    assert settings.CREDENTIAL_KEYS.partition(":")[2] not in stolen


@pytest.mark.parametrize("field", ["view_pin", "payment_pin", "password"])
def test_no_secret_can_be_confirmed_from_the_dump_alone(field: str) -> None:
    alice = make_customer()
    hashed = getattr(alice, field).partition("$")[2].encode()
    secret = {"view_pin": VIEW_PIN, "payment_pin": PAYMENT_PIN, "password": PASSWORD}[field]
    kind = {"view_pin": Kind.VIEW_PIN, "payment_pin": Kind.PAYMENT_PIN, "password": Kind.PASSWORD}[field]
    assert secrets.matches(kind, alice.id, secret, getattr(alice, field))
    # Everything that the dump holds, but the key: the secret itself, and its digest under a key of one's own.
    key_id = getattr(alice, field).partition("$")[0]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(settings, "CREDENTIAL_KEYS", f"{key_id}:{KEY_A}")
        assert not secrets.matches(kind, alice.id, secret, getattr(alice, field))
    assert not bcrypt.checkpw(secret.encode(), hashed)


def test_a_hash_swapped_in_the_database_opens_nothing() -> None:
    alice, mallory = make_customer(), make_customer("mallory")
    User.objects.filter(pk=alice.pk).update(password=mallory.password, view_pin=mallory.view_pin)
    swapped = User.objects.get(pk=alice.pk)
    assert not swapped.check_password(PASSWORD)
    assert not secrets.matches(Kind.VIEW_PIN, swapped.id, VIEW_PIN, swapped.view_pin)
