"""What is pasted is read as it is seen, whatever it brings along."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inputs import text

SPACES = [chr(code) for code in range(0x3001) if unicodedata.category(chr(code)) == "Zs"] + ["\t"]
UNSEEN = "\u00ad\u034f\u061c\u115f\u17b5\u180b\u180e\u200b\u200c\u200d\u200e\u200f\u202a\u202c\u202d\u2060\u2066\u2068\u2069\u206f\u3164\ufe0f\ufeff\uffa0\U000e0020\U000e0101"
DASHES = [chr(code) for code in range(0x10000) if unicodedata.category(chr(code)) == "Pd"] + ["\u2212", "\u30fc"]
NUMBER = "123456789012"
every = pytest.mark.parametrize("letter", [*SPACES, *DASHES, *UNSEEN, ".", "/", "_", "\uff0e"], ids=ascii)


@every
def test_an_account_number_is_read_with_anything_between_its_groups(letter: str) -> None:
    assert text.account_number(f"{letter}1234{letter}5678{letter}9012{letter}") == NUMBER


@every
def test_a_code_is_read_with_anything_between_its_groups(letter: str) -> None:
    assert text.compact(f"{letter}123{letter}456{letter}") == "123456"
    assert text.compact(f"7F3K{letter}9Q2M") == "7F3K9Q2M"


@pytest.mark.parametrize("letter", UNSEEN, ids=ascii)
def test_what_is_not_seen_is_not_read(letter: str) -> None:
    assert text.handle(f"{letter}@{letter}Ada{letter}_l{letter}") == "ada_l"
    assert text.email(f"{letter}ada@exam{letter}ple.com{letter}") == "ada@example.com"


@pytest.mark.parametrize("letter", text.TURNING, ids=ascii)
def test_what_turns_the_direction_is_not_read_over(letter: str) -> None:
    assert text.account_number(f"1234{letter}56789012") is None
    assert letter in text.visible(f"a{letter}b")


@pytest.mark.parametrize(
    ("typed", "number"),
    [
        ("１２３４ ５６７８ ９０１２", NUMBER),
        ("١٢٣٤ ٥٦٧٨ ٩٠١٢", NUMBER),
        ("Account number: 1234 5678 9012", NUMBER),
        ("ACCOUNT NUMBER\n1234 5678 9012", NUMBER),
        ("No. 1234-5678-9012.", NUMBER),
        ("(1234 5678 9012)", NUMBER),
        ("12", "12"),
        ("1٢34", None),
        ("12a", None),
        ("no1234", None),
        ("Grace 1234", None),
        ("@ada", None),
        ("", None),
        ("12²", None),
        ("+48 123", None),
    ],
)
def test_account_numbers(typed: str, number: str | None) -> None:
    assert text.account_number(typed) == number


@pytest.mark.parametrize(
    "typed",
    ["@ada_l", "ADA_L", "@ Ada_L", "＠ａｄａ＿ｌ", " @ada_l, ", "(@ada_l)", "“@ada_l”", "ada_l.", "@ada_l;", "@@ada_l"],
)
def test_handles(typed: str) -> None:
    assert text.handle(typed) == "ada_l"


@pytest.mark.parametrize(
    "typed",
    [
        "Ada@Example.com",
        "mailto:ada@example.com",
        "MAILTO:ada@example.com?subject=Lunch",
        "<ada@example.com>",
        "Ada Lovelace <ada@example.com>",
        "“Ada” <ada@example.com>, ",
        "(ada@example.com)",
        '"ada@example.com"',
        "ada@example.com.",
        "ada @ example.com",
        "ada＠example．com",
        "ａｄａ@example。com",
        "\ufeffada@example.com\u200b",
    ],
)
def test_email_addresses(typed: str) -> None:
    assert text.email(typed) == "ada@example.com"


@pytest.mark.parametrize("kept", ['"a b"@example.com', "o'hara@example.com", "a+b@example.com", "a?b@example.com"])
def test_an_address_keeps_what_belongs_to_it(kept: str) -> None:
    assert text.email(kept) == kept


def test_control_characters_stay_to_be_refused() -> None:
    assert text.visible("a\x1fb\x00c") == "a\x1fb\x00c"
    assert all(text.has_control(letter) for letter in "\0\x07\x1b\x1f\x7f\x9f\t\n")


def test_a_line_keeps_what_belongs_to_its_script() -> None:
    assert text.one_line(" می\u200cخواهم\u00a0👩\u200d🍳\u2028e\u0301 ") == "می\u200cخواهم 👩\u200d🍳 é"


@given(st.text(max_size=60))
def test_reading_twice_changes_nothing(typed: str) -> None:
    for read in (text.visible, text.one_line, text.figures, text.compact, text.handle, text.email):
        assert read(read(typed)) == read(typed)


@pytest.mark.parametrize(
    "read", [text.visible, text.one_line, text.figures, text.compact, text.account_number, text.handle, text.email]
)
def test_nothing_looks_at_a_text_whose_length_was_not_looked_at(read) -> None:  # type: ignore[no-untyped-def]
    read("x" * text.LONGEST)
    with pytest.raises(text.TooLong):
        read("x" * (text.LONGEST + 1))
