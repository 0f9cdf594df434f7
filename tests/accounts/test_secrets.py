"""Peppered hashes, and the keys they hang on."""

import base64
from uuid import uuid4

import bcrypt
import pytest
from django.contrib.auth.hashers import make_password
from django.core.exceptions import ImproperlyConfigured
from django.test import override_settings

from accounts.credentials import hashing, keys
from accounts.credentials.hashing import Kind
from accounts.models import User
from tests.people import PASSWORD, VIEW_PIN, make_customer

USER = uuid4()
KEY_A = base64.urlsafe_b64encode(b"a" * 32).decode().rstrip("=")
KEY_B = base64.urlsafe_b64encode(b"b" * 32).decode()


@pytest.mark.asvs("11.4.2")
def test_it_matches_what_it_made_and_nothing_else() -> None:
    encoded = hashing.make(Kind.VIEW_PIN, USER, "7306")
    assert hashing.matches(Kind.VIEW_PIN, USER, "7306", encoded)
    assert not hashing.matches(Kind.VIEW_PIN, USER, "7307", encoded)


def test_a_hash_moved_to_another_user_or_column_opens_nothing() -> None:
    encoded = hashing.make(Kind.VIEW_PIN, USER, "7306")
    assert not hashing.matches(Kind.VIEW_PIN, uuid4(), "7306", encoded)
    assert not hashing.matches(Kind.PAYMENT_PIN, USER, "7306", encoded)


@pytest.mark.parametrize("secret", ["", "\0", "a\0b", "x" * 1024, "é" * 1024, "🔐 correct horse", "\ud800"])
def test_length_and_odd_characters_cannot_break_it(secret: str) -> None:
    encoded = hashing.make(Kind.PASSWORD, USER, secret)
    assert hashing.matches(Kind.PASSWORD, USER, secret, encoded)
    assert not hashing.matches(Kind.PASSWORD, USER, secret + "x", encoded)
    assert not hashing.matches(Kind.PASSWORD, USER, secret + "\0", encoded)


def test_one_password_typed_on_two_keyboards_is_one_password() -> None:
    composed, decomposed = "caf\u00e9 au lait please", "cafe\u0301 au lait please"
    assert hashing.matches(Kind.PASSWORD, USER, decomposed, hashing.make(Kind.PASSWORD, USER, composed))


def test_without_the_key_the_hash_says_nothing() -> None:
    encoded = hashing.make(Kind.VIEW_PIN, USER, "7306")
    hashed = encoded.partition("$")[2].encode()
    assert not bcrypt.checkpw(b"7306", hashed)
    with override_settings(CREDENTIAL_KEYS=f"{keys.current_id()}:{KEY_A}"):
        assert not any(hashing.matches(Kind.VIEW_PIN, USER, pin, encoded) for pin in ("7306", "0000"))


def test_old_keys_still_work_and_count_as_outdated() -> None:
    with override_settings(CREDENTIAL_KEYS=f"a:{KEY_A}"):
        encoded = hashing.make(Kind.PASSWORD, USER, "correct horse")
    with override_settings(CREDENTIAL_KEYS=f"b:{KEY_B},a:{KEY_A}"):
        assert hashing.matches(Kind.PASSWORD, USER, "correct horse", encoded)
        assert hashing.outdated(encoded)
        assert not hashing.outdated(hashing.make(Kind.PASSWORD, USER, "correct horse"))
    with override_settings(CREDENTIAL_KEYS=f"b:{KEY_B}"):
        assert not hashing.matches(Kind.PASSWORD, USER, "correct horse", encoded)


@pytest.mark.parametrize("encoded", ["", "!", "!unusable", "k1$", "md5$x$y", "a$b$c$d"])
def test_what_is_no_hash_matches_nothing(encoded: str) -> None:
    assert not hashing.matches(Kind.PASSWORD, USER, "", encoded)


def test_a_cost_under_ten_is_refused_outside_tests() -> None:
    with override_settings(BCRYPT_ROUNDS=9, TESTING=False), pytest.raises(ImproperlyConfigured, match="BCRYPT_ROUNDS"):
        hashing.make(Kind.PASSWORD, USER, "correct horse")


def test_users_passwords_go_through_it_and_djangos_way_is_closed() -> None:
    user = User(email="a@example.com", full_name="A", handle="aaa")
    user.set_password("correct horse battery")
    assert user.password.startswith(f"{keys.current_id()}$$2b$")
    assert user.check_password("correct horse battery")
    assert not user.check_password("wrong")
    with pytest.raises(NotImplementedError):
        make_password("correct horse battery")


@pytest.mark.parametrize(
    "text",
    ["", "k1", "k1:", "k1:short", f"k 1:{KEY_A}", f"k1:{KEY_A},k1:{KEY_B}", f"k1:{KEY_A},", "k1:!!!!", f"k$1:{KEY_A}"],
)
def test_a_malformed_key_setting_is_named_without_being_quoted(text: str) -> None:
    with pytest.raises(ImproperlyConfigured, match="CREDENTIAL_KEYS") as refusal:
        keys.parse(text)
    assert KEY_A not in str(refusal.value)


def test_each_purpose_has_a_key_of_its_own() -> None:
    assert len({keys.derive(purpose, keys.current_id()) for purpose in keys.Purpose}) == len(keys.Purpose)


@pytest.mark.django_db
def test_a_hash_swapped_in_the_database_opens_nothing() -> None:
    alice, mallory = make_customer(), make_customer("mallory")
    User.objects.filter(pk=alice.pk).update(password=mallory.password, view_pin=mallory.view_pin)
    swapped = User.objects.get(pk=alice.pk)
    assert not swapped.check_password(PASSWORD)
    assert not hashing.matches(Kind.VIEW_PIN, swapped.id, VIEW_PIN, swapped.view_pin)
    assert mallory.check_password(PASSWORD)
