"""What a handle may look like, and which PINs are too easy."""

import pytest

from accounts.credentials import pin_policy
from accounts.people import handles


@pytest.mark.parametrize("text", ["ada", "@ada", " ADA ", "Ada_L", "a23", "abcdefghij0123456789"])
def test_handles_people_choose(text: str) -> None:
    assert handles.is_well_formed(handles.normalise(text))


@pytest.mark.parametrize("text", ["", "ab", "1ada", "_ada", "ada-l", "ада", "ada\n", "ada l", "a" * 21, "ad\0a", "adá"])
def test_handles_nobody_may_have(text: str) -> None:
    assert not handles.is_well_formed(text.lower())


@pytest.mark.parametrize(
    ("one", "other"), [("ada", "a_d_a"), ("bill", "b1ll"), ("modern", "modem"), ("root7", "r00t7"), ("vvendy", "wendy")]
)
def test_look_alikes_share_a_skeleton(one: str, other: str) -> None:
    assert handles.skeleton(one) == handles.skeleton(other)


@pytest.mark.parametrize(
    "handle", ["admin", "adm1n", "supp0rt", "bank", "twofold", "twof0ld", "twofold_help", "my_twofold"]
)
def test_the_banks_names_are_kept(handle: str) -> None:
    assert handles.is_reserved(handle, "Twofold")


@pytest.mark.parametrize("handle", ["ada", "grace", "bankole", "paul", "admiral"])
def test_other_names_are_free(handle: str) -> None:
    assert not handles.is_reserved(handle, "Twofold")


EASY = """
    0000 1111 1234 4321 0123 9012 7890 2468 1212 1122 1984 2011 2580
    123456 654321 111111 121212 123123 112233 111222 159753
"""


@pytest.mark.parametrize("pin", EASY.split())
def test_pins_a_thief_would_try(pin: str) -> None:
    assert pin_policy.is_trivial(pin)


@pytest.mark.parametrize("pin", ["7306", "8241", "418529", "730516", "909217"])
def test_pins_that_are_fine(pin: str) -> None:
    assert not pin_policy.is_trivial(pin)


def test_few_enough_are_refused_to_leave_a_choice() -> None:
    refused = sum(pin_policy.is_trivial(f"{number:04}") for number in range(10_000))
    assert refused < 500
