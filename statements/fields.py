"""The form field for an amount of money. Each refusal is a sentence of its own."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from inputs import amounts
from inputs.fields import Bounded
from ledger.currency import typed

AMOUNT_LONGEST = 100  # characters: the largest amount has 16, spelt with any group marks and any currency's name


class MoneyField(Bounded, forms.CharField):
    """An amount of one currency, in any country's way of writing it. Cleans to minor units (int)."""

    longest = AMOUNT_LONGEST
    EXAMPLES = "EUR"  # has cents, as the examples do
    default_error_messages = {
        "required": "Enter an amount.",
        "too_long": "Enter the amount in at most %(most)s characters: this has %(length)s.",
        "sign": "Enter the amount without a plus or minus sign.",
        "digits": "Enter the amount with the digits 0 to 9.",
        "doubt": "This can be read in two ways. Enter %(one)s or %(other)s, whichever you mean.",
        "marks": "Check the points, commas and spaces in this amount, or enter it like %(thousand)s.",
        "number": "Enter the amount in figures, like %(dozen)s.",
        "places": "Enter at most %(places)s decimal places, like %(dozen)s.",
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
        try:
            return amounts.read(text, self.currency) if text else None
        except amounts.NotAnAmount as refusal:
            message = self.error_messages[refusal.code]
            raise ValidationError(message, code=refusal.code, params=self.examples() | refusal.params) from None

    def examples(self) -> dict[str, object]:
        """As the reader types them, but for the two readings of a doubtful amount: those have a point everywhere."""
        return {"dozen": typed(12_34, self.EXAMPLES), "thousand": typed(1234_50, self.EXAMPLES)}
