from datetime import date
from typing import Any

from django import forms
from django.utils import timezone

from inputs.fields import Bounded
from inputs.forms import OneValueEach
from statements.making import MOST_DAYS, zone

DAY_LONGEST = 50  # characters of a date, however it is written out


class DayField(Bounded, forms.DateField):
    """A day: as a browser's calendar sends it (2026-11-25), or typed day first (25/11/2026)."""

    longest = DAY_LONGEST
    default_error_messages = {
        "invalid": "Enter a day of the calendar, like 25/11/2026.",
        "too_long": "Enter a day of the calendar, like 25/11/2026.",
    }

    def __init__(self, **options: Any) -> None:
        options.setdefault("input_formats", ["%Y-%m-%d", "%d/%m/%Y", "%d.%m.%Y"])
        options.setdefault("widget", forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"))
        super().__init__(**options)


class PeriodForm(OneValueEach):
    """From one day to another, both included. `opened` is the first day there can be."""

    first_day = DayField(label="From", error_messages={"required": "Enter the first day."})
    last_day = DayField(label="To", error_messages={"required": "Enter the last day."})

    def __init__(self, *args: Any, opened: date, **options: Any) -> None:
        super().__init__(*args, **options)
        self.opened, self.today = opened, timezone.localdate(timezone=zone())
        for field in self.fields.values():
            field.widget.attrs |= {"min": opened.isoformat(), "max": self.today.isoformat()}

    def clean_first_day(self) -> date:
        day = self._not_in_the_future("first_day")
        if day < self.opened:
            raise forms.ValidationError(f"Your wallet was opened on {self.opened:%d/%m/%Y}: begin then, or later.")
        return day

    def clean_last_day(self) -> date:
        return self._not_in_the_future("last_day")

    def clean(self) -> None:
        super().clean()
        first, last = self.cleaned_data.get("first_day"), self.cleaned_data.get("last_day")
        if first is None or last is None:
            return
        if last < first:
            self.add_error("last_day", "This is before the first day. Enter the same day, or a later one.")
        elif (days := (last - first).days + 1) > MOST_DAYS:
            self.add_error(
                "last_day", f"A statement covers at most {MOST_DAYS} days: these are {days:,}. Ask for two statements."
            )

    def _not_in_the_future(self, name: str) -> date:
        day: date = self.cleaned_data[name]
        if day > self.today:
            raise forms.ValidationError("This day is still to come. Enter today, or a day before.")
        return day
