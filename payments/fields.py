"""Form fields for what people type about money. Each refusal is a sentence of its own."""

import re
import unicodedata
from typing import Any

from babel.numbers import get_currency_symbol
from django import forms
from django.core.exceptions import ValidationError

from accounts.widgets import PinInput
from ledger.currency import exponent

# Minor units. Far below bigint's 9.2e18, so that no sum of balances can come near it.
MAX_AMOUNT = 999_999_999_999


class MoneyField(forms.CharField):
    """An amount of one currency. Cleans to minor units (int).

    `int()` and `Decimal()` read more than people mean (`1e3`, `1_000`, `١٢٣`, `NaN`), so the text itself is matched.
    """

    NUMBER = re.compile(r"(?:[0-9]+|[0-9]{1,3}(?:,[0-9]{3})+)(?:\.([0-9]+))?")
    default_error_messages = {
        "required": "Enter an amount.",
        "sign": "Enter the amount without a plus or minus sign.",
        "digits": "Enter the amount with the digits 0 to 9.",
        "comma": "Use a full stop before the cents, and commas only between thousands, like 1,234.50.",
        "number": "Enter the amount in figures, like 12.34.",
        "whole": "Enter a digit before the full stop, like 0.50.",
        "places": "Enter at most %(places)s decimal places, like 12.34.",
        "no_places": "Enter a whole amount: this currency has no decimal places.",
        "zero": "Enter an amount greater than zero.",
        "too_much": "Enter a smaller amount: this is more than one payment can be.",
    }

    def __init__(self, *, currency: str, **kwargs: Any) -> None:
        attrs = {"inputmode": "decimal", "autocomplete": "off", "class": "input--amount"}
        kwargs.setdefault("widget", forms.TextInput(attrs=attrs))
        super().__init__(**kwargs)
        self.currency = currency

    def clean(self, value: Any) -> Any:
        text = super().clean(value)
        return self.minor_units(self.without_currency(text)) if text else None

    def without_currency(self, text: str) -> str:
        """The text less one mark of this currency, before it or after it: people copy `€5` and `5 EUR`."""
        for mark in (get_currency_symbol(self.currency, locale="en_GB"), self.currency):
            if text[: len(mark)].upper() == mark:
                return text[len(mark) :].lstrip()
            if text[-len(mark) :].upper() == mark:
                return text[: -len(mark)].rstrip()
        return text

    def minor_units(self, text: str) -> int:
        """Raises ValidationError with the reason in words."""
        match = self.NUMBER.fullmatch(text)
        if match is None:
            raise self.refusal(self.reason(text))
        places = exponent(self.currency)
        fraction = match[1] or ""
        if len(fraction) > places:
            raise self.refusal("places" if places else "no_places", places=places)
        whole = text.partition(".")[0].replace(",", "").lstrip("0")
        if len(whole) > len(str(MAX_AMOUNT)):  # before int(), which refuses thousands of digits in its own way
            raise self.refusal("too_much")
        amount = int((whole or "0") + fraction.ljust(places, "0"))
        if amount == 0:
            raise self.refusal("zero")
        if amount > MAX_AMOUNT:
            raise self.refusal("too_much")
        return amount

    @staticmethod
    def reason(text: str) -> str:
        if any(character.isdigit() and not character.isascii() for character in text):
            return "digits"
        if re.match("[+\\-\N{MINUS SIGN}]", text):
            return "sign"
        if re.fullmatch("\\.[0-9]+", text):
            return "whole"
        return "comma" if re.fullmatch("[0-9.,]*,[0-9.,]*", text) else "number"

    def refusal(self, code: str, **params: object) -> ValidationError:
        return ValidationError(self.error_messages[code], code=code, params=params)


class NoteField(forms.CharField):
    """One line for the payee to read. No `maxlength` in the page: text that is pasted must not be cut silently."""

    # Characters that reorder their neighbours could make a receipt read differently from what was written.
    REORDERING = frozenset("\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")

    def __init__(self, *, length: int, **kwargs: Any) -> None:
        super().__init__(required=False, **kwargs)
        self.length = length

    def to_python(self, value: Any) -> str:
        return " ".join((super().to_python(value) or "").split())

    def validate(self, value: str) -> None:
        super().validate(value)
        if len(value) > self.length:
            raise ValidationError(
                "Shorten the note to %(length)s characters or fewer: it has %(is)s.",
                code="too_long",
                params={"length": self.length, "is": f"{len(value):,}"},
            )
        if any(unicodedata.category(letter) == "Cc" or letter in self.REORDERING for letter in value):
            raise ValidationError("Take out the invisible characters: the note can only hold text.", code="control")


class OneTimeCodeInput(forms.PasswordInput):
    """In clear, for it is worthless in a minute, but like a password never put back into the page."""

    input_type = "text"


class PinField(forms.CharField):
    """Exactly so many ASCII digits. What cannot be a PIN is refused here and costs no attempt."""

    def __init__(self, *, digits: int, **kwargs: Any) -> None:
        super().__init__(widget=PinInput(), **kwargs)
        self.digits = digits
        self.error_messages["required"] = f"Enter the {digits} digits of your PIN."

    def validate(self, value: str) -> None:
        super().validate(value)
        if not re.fullmatch(f"[0-9]{{{self.digits}}}", value):
            raise ValidationError(f"Your PIN is {self.digits} digits, 0 to 9.", code="digits")
