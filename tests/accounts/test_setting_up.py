"""The three steps of set-up, each by itself."""

import re
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import Authenticator, Session, User
from tests.people import PASSWORD, PAYMENT_PIN, VIEW_PIN, code_for, make_begun, make_customer, sign_in

pytestmark = pytest.mark.django_db(transaction=True)
TOTP, RECOVERY, PINS = "/setup/totp/", "/setup/recovery/", "/setup/pins/"
CODES = "[0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z]{4}"


def key_on(page: Any) -> str:
    found = re.search(r'class="keytext"[^>]*>([A-Z2-7 ]+)<', page.content.decode())
    assert found
    return found[1]


def test_reloading_keeps_the_qr_code(client: Client) -> None:
    sign_in(make_begun(), client)
    assert key_on(client.get(TOTP)) == key_on(client.get(TOTP)) == key_on(client.post(TOTP, {"code": "000000"}))


def test_signing_in_again_gives_a_new_one() -> None:
    bob = make_begun()
    keys = set()
    for _ in range(2):
        client = Client()
        client.post(reverse("accounts:login"), {"email": bob.email, "password": PASSWORD})
        keys.add(key_on(client.get(TOTP)))
    assert len(keys) == 2


@pytest.mark.asvs("14.2.1")
def test_the_seed_is_in_no_session_field_or_address(client: Client) -> None:
    sign_in(make_begun(), client)
    page = client.get(TOTP)
    key = key_on(page).replace(" ", "")
    fields = "".join(re.findall("<input[^>]*>", page.content.decode()))
    assert key not in fields
    assert key not in str(dict(client.session))
    assert key not in Session.objects.get().session_data


def test_a_wrong_code_comes_back_with_a_reason(client: Client) -> None:
    bob = make_begun()
    sign_in(bob, client)
    page = client.post(TOTP, {"code": code_for(bob, 9)})
    assert 'id="id_code_error"' in page.content.decode()
    assert not Authenticator.objects.filter(confirmed=True).exists()


def test_five_wrong_codes_lock_the_step(client: Client) -> None:
    bob = make_begun()
    sign_in(bob, client)
    for _ in range(5):
        page = client.post(TOTP, {"code": code_for(bob, 9)})
    assert "Too many wrong codes" in page.content.decode()
    assert "Too many wrong codes" in client.post(TOTP, {"code": code_for(bob)}).content.decode()


def test_a_right_code_verifies_the_session_under_a_new_key(client: Client) -> None:
    bob = make_begun()
    sign_in(bob, client)
    before = Session.objects.get().session_key
    assert client.post(TOTP, {"code": code_for(bob)})["Location"] == RECOVERY
    row = Session.objects.get()
    assert row.verified
    assert row.session_key != before


def test_codes_are_made_by_a_post_and_shown_once(client: Client) -> None:
    alice = make_customer(recovery_saved_at=None)
    User.objects.update(recovery_saved_at=None)
    sign_in(alice, client)
    assert not re.findall(CODES, client.get(RECOVERY).content.decode())
    first = re.findall(CODES, client.post(RECOVERY, {"action": "show"}).content.decode())
    assert not re.findall(CODES, client.get(RECOVERY).content.decode())
    second = re.findall(CODES, client.post(RECOVERY, {"action": "show"}).content.decode())
    assert len(first) == len(second) == 10
    assert not set(first) & set(second)
    client.post(RECOVERY, {"action": "saved"})
    assert not re.findall(CODES, client.post(RECOVERY, {"action": "show"}, follow=True).content.decode())


def test_nobody_has_saved_codes_that_were_never_shown(client: Client) -> None:
    alice = make_customer()
    User.objects.update(recovery_saved_at=None)
    sign_in(alice, client)
    page = client.post(RECOVERY, {"action": "saved"})
    assert len(re.findall(CODES, page.content.decode())) == 10
    assert User.objects.get().recovery_saved_at is None


def without_pins(client: Client) -> User:
    alice = make_customer()
    User.objects.update(view_pin="", payment_pin="")
    sign_in(alice, client)
    return alice


@pytest.mark.parametrize(
    ("view", "payment", "field"),
    [
        ("", PAYMENT_PIN, "view_pin"),
        ("123", PAYMENT_PIN, "view_pin"),
        ("73065", PAYMENT_PIN, "view_pin"),
        ("٧٣٠٦", PAYMENT_PIN, "view_pin"),
        ("7306\0", PAYMENT_PIN, "view_pin"),
        ("73a6", PAYMENT_PIN, "view_pin"),
        ("1234", PAYMENT_PIN, "view_pin"),
        (VIEW_PIN, "41852", "payment_pin"),
        (VIEW_PIN, "+41852", "payment_pin"),
        (VIEW_PIN, "123456", "payment_pin"),
        (VIEW_PIN, "111111", "payment_pin"),
        (VIEW_PIN, VIEW_PIN + "94", "payment_pin"),
        (VIEW_PIN, "9" + VIEW_PIN + "4", "payment_pin"),
    ],
)
def test_it_rejects_pins_that_are_no_good(client: Client, view: str, payment: str, field: str) -> None:
    without_pins(client)
    page = client.post(PINS, {"view_pin": view, "payment_pin": payment})
    assert f'id="id_{field}_error"' in page.content.decode()
    assert f'value="{VIEW_PIN}"' not in page.content.decode()
    assert User.objects.get().view_pin == ""


def test_good_pins_end_the_set_up(client: Client) -> None:
    without_pins(client)
    done = client.post(PINS, {"view_pin": VIEW_PIN, "payment_pin": PAYMENT_PIN})
    assert done["Location"] == reverse("payments:wallet")
    alice = User.objects.get()
    assert VIEW_PIN not in alice.view_pin
    assert alice.missing_step() is None


def set_of(page: str) -> str:
    return re.search(r'name="set" value="([0-9A-Z]{4})"', page)[1]  # type: ignore[index]


def test_saying_that_an_older_set_is_saved_saves_nothing_and_says_so(client: Client) -> None:
    """Two windows each show a set; only the codes of the later one work."""
    bob = make_begun()
    sign_in(bob, client)
    client.post(TOTP, {"code": code_for(bob)})
    first, second = (client.post(RECOVERY, {"action": "show"}).content.decode() for _ in range(2))
    assert set_of(first) != set_of(second)
    page = client.post(RECOVERY, {"action": "saved", "set": set_of(first)}).content.decode()
    assert "The codes you saved no longer work" in page
    assert User.objects.get().recovery_saved_at is None
    assert client.post(RECOVERY, {"action": "saved", "set": set_of(second)})["Location"] == "/setup/pins/"
