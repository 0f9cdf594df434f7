"""What somebody looks for among their own lines, and the tag they give one. All of a search is in its address."""

import re
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.http import QueryDict
from django.utils import timezone

from inputs.fields import Bounded, ChoiceField, LineField
from inputs.forms import OneValueEach
from ledger.models import Account
from statements import months
from statements.fields import MoneyField
from statements.models import TAG_LENGTH, Tag
from statements.search import Filter

WORDS_LENGTH = 100  # characters
# All that an address of a search may say.
FILTERS = ("q", "month", "from", "to", "min", "max", "direction", "kind", "tag")
DIRECTIONS = {"": "In or out", "in": "Money in", "out": "Money out"}
KINDS = {
    "": "Any kind",
    "payment": "Payments",
    "deposit": "Deposits",
    "salary": "Salaries",
    "reversal": "Returned payments",
    "demo": "Demo money",
}


class DayInput(forms.TextInput):
    """A browser's own field for days or months; of text where it holds what that would not show."""

    def __init__(self, input_type: str, parse: Callable[[str], date]) -> None:
        super().__init__(attrs={"autocomplete": "off", "type": input_type})
        self.parse = parse

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context(name, value, attrs)
        if value:
            try:
                self.parse(value)
            except ValueError:
                context["widget"]["type"] = "text"
        return context


class DayField(Bounded, forms.CharField):
    """A day as browsers send one (ISO 8601, "2026-03-17"). Cleans to a date."""

    longest = 40
    input_type = "date"
    default_error_messages = {
        "invalid": "Enter a day like 2026-03-17.",
        "future": "Enter a day that has begun: there is nothing after today.",
    }

    def __init__(self, **options: Any) -> None:
        super().__init__(widget=DayInput(self.input_type, self.parse), required=False, **options)

    def clean(self, value: Any) -> date | None:
        text = super().clean(value)
        return self.read(text) if text else None

    def read(self, text: str) -> date:
        try:
            day = self.parse(text)
        except ValueError:
            raise ValidationError(self.error_messages["invalid"], code="invalid") from None
        if day > timezone.localdate():
            raise ValidationError(self.error_messages["future"], code="future")
        return day

    def parse(self, text: str) -> date:
        if not re.fullmatch("[0-9]{4}-[0-9]{2}-[0-9]{2}", text):
            raise ValueError(text)
        day = date.fromisoformat(text)
        months.parse(text[:7])
        return day


class MonthField(DayField):
    """A month as browsers send one (ISO 8601, "2026-03"). Cleans to its first day."""

    input_type = "month"
    default_error_messages = {
        "invalid": "Enter a month like 2026-03.",
        "future": "Enter a month that has begun.",
    }

    def parse(self, text: str) -> date:
        return months.parse(text)


class SearchForm(OneValueEach):
    """Whatever is left empty keeps nothing out."""

    q = LineField(
        label="Find a payment",
        help_text="Name, @handle, note or reference.",
        max_length=WORDS_LENGTH,
        required=False,
        widget=forms.TextInput(attrs={"type": "search", "autocomplete": "off", "spellcheck": "false"}),
    )
    month = MonthField(label="Month")
    direction = ChoiceField(label="Direction", choices=list(DIRECTIONS.items()), required=False)
    kind = ChoiceField(label="Kind", choices=list(KINDS.items()), required=False)

    def __init__(self, data: QueryDict, *, account: Account) -> None:
        super().__init__(data)
        self.account = account
        self.fields["min"] = MoneyField(label="At least", currency=account.currency, required=False)
        self.fields["max"] = MoneyField(label="At most", currency=account.currency, required=False)
        self.fields["from"] = DayField(label="From")
        self.fields["to"] = DayField(label="To")
        tags = list(Tag.objects.filter(account=account).order_by("name").values_list("name", flat=True))
        choices = [("", "Any tag"), *((tag, tag) for tag in tags)]
        self.fields["tag"] = ChoiceField(label="Tag", choices=choices, required=False)
        if not tags and not self.data.get("tag"):
            del self.fields["tag"]
        self.order_fields(FILTERS)

    def clean(self) -> None:
        super().clean()
        given = self.cleaned_data
        if given.get("min") and given.get("max") and given["min"] > given["max"]:
            self.add_error("max", "Enter at least as much as in “At least”.")
        if given.get("from") and given.get("to") and given["from"] > given["to"]:
            self.add_error("to", "Enter a day that is not before the one in “From”.")
        if given.get("month") and (given.get("from") or given.get("to")):
            self.add_error("month", "Choose a month or days, not both.")

    @property
    def more(self) -> list[forms.BoundField]:
        """The fields beside the words."""
        return [self[name] for name in self.fields if name != "q"]

    @property
    def has_more(self) -> bool:
        """Whether something beside the words is asked for."""
        return bool(self.errors) or any(self.data.get(name) for name in self.fields if name != "q")

    def filter(self) -> Filter:
        """What it says, once it is valid."""
        given = self.cleaned_data
        first, until = given["from"], given["to"] and given["to"] + timedelta(days=1)
        if month := given["month"]:
            first, until = month, months.moved(month, 1)
        return Filter(
            words=tuple(given["q"].split()),
            least=given["min"],
            most=given["max"],
            begin=months.begin(first) if first else None,
            end=months.begin(until) if until else None,
            incoming={"in": True, "out": False}.get(given["direction"]),
            kind=given["kind"] or None,
            tag=given.get("tag") or None,
        )


class MonthForm(OneValueEach):
    month = MonthField(label="Month")


class TagForm(OneValueEach):
    """Empty for no tag."""

    tag = LineField(
        label="Tag",
        max_length=TAG_LENGTH,
        required=False,
        help_text=f"A word of your own, like Groceries. Nobody else sees it. Up to {TAG_LENGTH} characters.",
        widget=forms.TextInput(attrs={"autocomplete": "off", "list": "tags"}),
    )
