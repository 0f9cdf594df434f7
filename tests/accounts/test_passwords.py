"""What a new password may not be, and what is nobody's business."""

import pytest
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError

from accounts.credentials.predictability import surprises
from accounts.models import User

ADA = User(email="ada.lovelace@analytical.example.com", full_name="Ada King-Lovelace", handle="countess_ada")


def codes_of(password: str) -> set[str]:
    with pytest.raises(ValidationError) as refusal:
        validate_password(password, ADA)
    return {str(error.code) for error in refusal.value.error_list}


@pytest.mark.asvs("6.2.4")
@pytest.mark.parametrize(
    "password",
    [
        "aaaaaaaaaaaa",
        "AaAaAaAaAaAa",
        "ａａａａａａａａａａａａ",
        "ab" * 6,
        "abcabcabcabc",
        "abcdabcdabcdabcd",
        "abababababac",
        "hahahahahahaha",
        "bananabanana",
        "herons herons",
        "herons-herons-herons",
        "abc1abc2abc3",
        "aabbccddeeff",
        "aaaabbbbcccc",
        "123456789012",
        "abcdefghijkl",
        "zyxwvutsrqpo",
        "abcdef123456",
        "1234567890ab",
        "qwertyuiopas",
        "asdfghjkl;'#",
        "qwertzuiopasd",
        "azertyuiopqs",
        "йцукенгшщзхъ",
        "1q2w3e4r5t6y",
        "1qaz2wsx3edc",
        "qazwsxedcrfv",
        "zaq12wsxcde3",
        "!!!!!!!!!!!!",
        "            ",
        "a" * 1024,
        "qwerty" * 170,
    ],
)
def test_a_pattern_is_refused_however_long(password: str) -> None:
    assert "pattern" in codes_of(password)


@pytest.mark.parametrize(
    "password",
    [
        "Lovelace and the engine",
        "the engine of LOVELACE",
        "lovelace-1815-engine",
        "lovelace1815engine7",
        "AdaLovelace1815",
        "l0velace & 7 engines",
        "countess of the moor",
        "adalovelace 1815 x",
        "adakinglovelace1815",
        "an analytical engine",
        "king of some hill 7",
    ],
)
def test_a_word_of_ones_own_name_handle_or_email_is_refused(password: str) -> None:
    assert "own" in codes_of(password)


def test_it_says_which_word() -> None:
    with pytest.raises(ValidationError, match="“lovelace”"):
        validate_password("Lovelace and the engine", ADA)


@pytest.mark.parametrize(
    "password",
    [
        "correct horse battery",
        "seven herons",
        "seven grey herons on a pier",
        "paper lanterns at noon",
        "we were only seven red deer",
        "a rose is a rose is a rose",
        "gloves laced in velvet",  # every letter of Lovelace
        "clover leaves lace",
        "kingfishers over countesses",  # words that only begin like hers
        "adamant cloverlace",
        "x7#Qm2!vLp9z",
        "🔐🐎🔋📎🔐🐎🔋📎🔐🐎🔋📎",
        "$%&/()=?§!+*",
        "Größenwahn im Kühlschrank",
        "七只灰鹭站在码头上看日落鸟",
        "to be or not to be at all",
    ],
)
def test_a_passphrase_is_welcome(password: str) -> None:
    validate_password(password, ADA)


def test_short_names_are_part_of_too_many_words() -> None:
    validate_password("ada and ki at a pier", User(email="a@b.example", full_name="Ada Ki", handle="ada"))


def test_letters_in_common_are_no_likeness() -> None:
    """Django's own rule compares letters: it refuses this for its likeness to the email address."""
    validate_password("charlie's pram", User(email="charliesparm@example.org", full_name="C P", handle="cpx"))


@pytest.mark.parametrize(
    ("text", "least"), [("", 0), ("a", 1), ("ab", 2), ("aaa", 1), ("abx", 3), ("xk7xk7xk7", 3), ("鷺港", 4)]
)
def test_short_texts_are_counted_too(text: str, least: int) -> None:
    assert surprises(text) == least


def test_the_longest_password_is_judged() -> None:
    assert surprises("".join(chr(0x4E00 + number * 7) for number in range(1024))) == 2048
