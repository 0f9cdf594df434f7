import pytest
from django.core.exceptions import ValidationError

from accounts.credentials.fields import PinField
from inputs.amounts import MAX_AMOUNT
from payments.fields import NoteField
from statements.fields import MoneyField

euros, yen, dinars = MoneyField(currency="EUR"), MoneyField(currency="JPY"), MoneyField(currency="KWD")


@pytest.mark.parametrize(
    ("text", "amount"),
    [
        ("12", 12_00),
        ("12.3", 12_30),
        ("12.34", 12_34),
        ("0.01", 1),
        ("1,234.50", 1_234_50),
        ("1,234,567", 1_234_567_00),
        ("  12.34  ", 12_34),
        ("007", 7_00),
        ("9,999,999,999.99", MAX_AMOUNT),
        ("€5", 5_00),
        ("€ 1,234.50", 1_234_50),
        ("5\u00a0€", 5_00),
        ("EUR 5", 5_00),
        ("5eur", 5_00),
        (".5", 50),
        ("€.5", 50),
        ("1 000", 1_000_00),
        ("1,23", 1_23),
        ("1.234,50", 1_234_50),
        ("١٢٣", 123_00),
        ("１２", 12_00),
    ],
)
def test_it_reads_amounts_as_people_write_them(text: str, amount: int) -> None:
    assert euros.clean(text) == amount


@pytest.mark.asvs("1.4.2", "2.2.1")
@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "required"),
        ("   ", "required"),
        ("0", "zero"),
        ("0.00", "zero"),
        ("-5", "sign"),
        ("−5", "sign"),
        ("+5", "sign"),
        ("1e3", "number"),
        ("1_000", "number"),
        ("NaN", "number"),
        ("Infinity", "number"),
        ("0x10", "number"),
        ("12.", "marks"),
        ("€", "number"),
        ("€5€", "number"),
        ("€-5", "sign"),
        ("-€5", "sign"),
        ("$5", "number"),
        ("USD 5", "number"),
        ("5 E", "number"),
        ("12\n13", "number"),
        ("1٢3", "digits"),
        ("١۲", "digits"),
        ("12²", "digits"),
        ("12.345", "doubt"),
        ("1234.567", "places"),
        ("1,23,45", "marks"),
        ("12,34.00", "marks"),
        (",", "number"),
        ("10,000,000,000", "too_much"),
        ("9" * 50, "too_much"),
        ("9" * 5000, "too_long"),
        ("12\0", "null_characters_not_allowed"),
    ],
)
def test_it_refuses_what_is_no_amount(text: str, code: str) -> None:
    with pytest.raises(ValidationError) as refusal:
        euros.clean(text)
    assert [error.code for error in refusal.value.error_list] == [code]


def test_it_takes_as_many_decimal_places_as_the_currency_has() -> None:
    assert yen.clean("1,200") == 1200
    assert dinars.clean("1.234") == 1234
    with pytest.raises(ValidationError, match="no decimal places"):
        yen.clean("12.0")


def test_it_reads_any_number_of_zeros() -> None:
    assert euros.clean("0" * 99 + "1") == 1_00


note = NoteField(length=140)


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("", ""),
        ("  rent  ", "rent"),
        ("two\r\nlines", "two lines"),
        ("Zażółć 🎂 שלום", "Zażółć 🎂 שלום"),
        ("x" * 140, "x" * 140),
        # Some phones send each é as two characters; it is one before it is counted.
        ("e\u0301" * 140, "é" * 140),
    ],
)
def test_it_keeps_a_note_on_one_line(typed: str, kept: str) -> None:
    assert note.clean(typed) == kept


@pytest.mark.asvs("1.3.3")
@pytest.mark.parametrize(
    ("typed", "message"),
    [
        ("x" * 10_000, "140 characters or fewer: it has 10,000"),
        ("e\u0301" * 141, "it has 141"),
        ("x" * 141, "140 characters or fewer: it has 141"),
        ("rent\0", "invisible"),
        ("bell\x07", "invisible"),
        ("evil \u202egnp.exe", "invisible"),
    ],
)
def test_it_refuses_a_note_that_does_not_read_as_written(typed: str, message: str) -> None:
    with pytest.raises(ValidationError, match=message):
        note.clean(typed)


@pytest.mark.parametrize("typed", ["12345", "1234567", "12345a", "١٢٣456", "12 345", "-12345", "123456\0"])
def test_it_refuses_what_cannot_be_a_pin(typed: str) -> None:
    with pytest.raises(ValidationError):
        PinField(digits=6).clean(typed)
