"""The authenticator's codes and the sealing of its seed."""

import re
from uuid import uuid4

import pyotp
import pytest
import zxingcpp
from cryptography.exceptions import InvalidTag
from django.db import connection
from django.test import override_settings
from django_otp import verify_token

from accounts.credentials import keys, totp
from accounts.entry.setting_up.qr_code import svg
from accounts.errors import CodeUsed, WrongSecret
from accounts.models import Authenticator, User
from tests.accounts.test_secrets import KEY_B
from tests.people import code_for, make_begun, make_customer
from tests.threads import run_together

SEED = b"12345678901234567890"
NOW = 1_111_111_109  # RFC 6238, appendix B

pytestmark = pytest.mark.django_db(transaction=True)


def device_of(user: User) -> Authenticator:
    device = user.authenticators.get()
    assert isinstance(device, Authenticator)
    return device


@pytest.mark.parametrize(
    ("moment", "code"),
    [(59, "287082"), (1111111109, "081804"), (1111111111, "050471"), (1234567890, "005924"), (20000000000, "353130")],
)
def test_it_computes_the_codes_of_the_standards_appendix(moment: int, code: str) -> None:
    assert totp.code_for_step(SEED, totp.step_at(moment)) == code


@pytest.mark.asvs("6.5.5", "6.5.8")
def test_it_accepts_one_step_either_way_and_no_more() -> None:
    step = totp.step_at(NOW)
    accepted = [
        offset for offset in range(-3, 4) if totp.matching_step(SEED, totp.code_for_step(SEED, step + offset), NOW)
    ]
    assert accepted == [-1, 0, 1]


@pytest.mark.asvs("2.2.1")
@pytest.mark.parametrize(
    "text",
    [
        "",
        "12345",
        "1234567",
        "+12345",
        " 12345",
        "12345\n",
        "123456\n",
        "\n123456",
        "１２３４５６",
        "١٢٣٤٥٦",
        "1_2345",
        "12e456",
        "12\x00456",
    ],
)
def test_what_is_not_six_ascii_digits_never_reaches_the_arithmetic(text: str) -> None:
    assert not totp.is_code(text)
    assert totp.matching_step(SEED, text, NOW) is None


@pytest.mark.asvs("6.5.1")
def test_a_code_is_accepted_once_and_an_earlier_one_not_after_it() -> None:
    alice = make_customer()
    device = device_of(alice)
    device.spend(code_for(alice, 0))
    with pytest.raises(CodeUsed):
        device.spend(code_for(alice, 0))
    with pytest.raises(CodeUsed):
        device_of(alice).spend(code_for(alice, -1))
    device.spend(code_for(alice, 1))


def test_a_wrong_code_is_refused() -> None:
    alice = make_customer()
    with pytest.raises(WrongSecret):
        device_of(alice).spend(code_for(alice, 7))


@pytest.mark.asvs("6.5.1", "15.4.2")
def test_one_code_thirty_times_at_once_is_accepted_once() -> None:
    alice = make_customer()
    code = code_for(alice)
    results = run_together([lambda: device_of(alice).verify_token(code)] * 30)
    assert results.count(True) == 1
    assert results.count(False) == 29


def test_tolerance_is_never_remembered_as_drift() -> None:
    alice = make_customer()
    device_of(alice).spend(code_for(alice, 1))
    with pytest.raises(WrongSecret):
        device_of(alice).spend(code_for(alice, 2))


def test_a_device_that_is_not_confirmed_verifies_nothing() -> None:
    bob = make_begun()
    device = device_of(bob)
    assert not device.verify_token(code_for(bob))
    assert verify_token(bob, device.persistent_id, code_for(bob)) is None


def test_the_seed_is_not_in_the_row() -> None:
    device = device_of(make_customer())
    with connection.cursor() as cursor:
        cursor.execute("SELECT sealed_seed FROM accounts_authenticator")
        (stored,) = cursor.fetchone()
    assert device.seed not in bytes(stored)
    assert len(device.seed) == 20


@pytest.mark.asvs("11.3.2", "11.3.3")
@pytest.mark.parametrize("change", ["user", "device", "bytes"])
def test_a_sealed_seed_moved_or_altered_does_not_open(change: str) -> None:
    device = device_of(make_customer())
    if change == "user":
        device.user = make_customer("bob")
    elif change == "device":
        device.public_id = uuid4()
    else:
        device.sealed_seed = bytes(device.sealed_seed)[:-1] + bytes([device.sealed_seed[-1] ^ 1])
    with pytest.raises(InvalidTag):
        _ = device.seed


def test_a_seed_under_an_unknown_key_says_so() -> None:
    device = device_of(make_customer())
    with override_settings(CREDENTIAL_KEYS=f"other:{KEY_B}"), pytest.raises(keys.UnknownKey):
        _ = device.seed


def test_apps_read_the_same_code_from_the_qr_picture(tmp_path: object) -> None:
    pillow = pytest.importorskip("PIL.Image")
    text = totp.uri(SEED, "ada+wallet@example.com")
    picture = svg(text)
    assert "style" not in picture
    assert SEED.decode() not in picture
    path = re.search(r'<path[^>]* d="([^"]+)"', picture)
    assert path
    size = 10 * (int(max(map(int, re.findall(r"M(\d+),", path[1])))) + 8)
    image = pillow.new("L", (size, size), 255)
    for left, top in re.findall(r"M(\d+),(\d+)", path[1]):
        image.paste(0, (int(left) * 10, int(top) * 10, int(left) * 10 + 10, int(top) * 10 + 10))
    (found,) = zxingcpp.read_barcodes(image)
    assert found.text == text
    assert pyotp.parse_uri(text).at(NOW) == "081804"
    assert pyotp.parse_uri(text).name == "ada+wallet@example.com"


def test_a_code_that_two_steps_show_counts_as_the_later_one(monkeypatch: pytest.MonkeyPatch) -> None:
    """Once in a million; as the earlier one it would be good once more."""
    alice = make_customer()
    monkeypatch.setattr(totp, "code_for_step", lambda seed, step: "123456")
    device = Authenticator.objects.get(user=alice)
    device.spend("123456")
    assert device.last_step >= totp.step_at() + totp.TOLERANCE - 1
    with pytest.raises(CodeUsed):
        Authenticator.objects.get(user=alice).spend("123456", at=(device.last_step - totp.TOLERANCE) * 30.0)
