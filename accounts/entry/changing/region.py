"""How amounts and dates are written for a customer, and by which clock. No secret, so nothing is proven for it."""

from datetime import datetime
from itertools import groupby
from typing import Any

from babel.numbers import format_currency
from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from accounts.access import kept_forms
from accounts.access.decorators import customer_required, keeps, page_and_form, signed_in
from accounts.models import User
from inputs.fields import ChoiceField
from inputs.forms import OneValueEach
from web import days, regions

Choices = list[tuple[str, str]]
# By the end of a year one sees which number is the day's; in the afternoon, how a day's hours are counted.
EXAMPLE, EXAMPLE_AMOUNT = datetime(2026, 12, 31, 18, 5), 1234.5


class RegionForm(OneValueEach):
    region = ChoiceField(
        label="Amounts and dates",
        help_text="Written as in this country. The pages stay in English.",
        error_messages={"required": "Choose a country.", "invalid_choice": "Choose one of these countries."},
    )
    time_zone = ChoiceField(
        label="Time zone",
        help_text="For every time that you are shown. Statements and files keep the bank’s.",
        required=False,
        error_messages={"invalid_choice": "We don’t know this time zone. Choose one of these."},
    )

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["region"].choices = region_choices()  # type: ignore[attr-defined]
        self.fields["time_zone"].choices = [("", f"The bank’s: {settings.TIME_ZONE}"), *zone_choices()]  # type: ignore[attr-defined]


@customer_required
@keeps("region", "time_zone")
@page_and_form
def region(request: HttpRequest) -> HttpResponse:
    user = signed_in(request)
    is_sent = request.method == "POST"
    chosen = {"region": user.region or regions.BANKS, "time_zone": user.time_zone}
    form = RegionForm(request.POST if is_sent else None, initial=chosen | kept_forms.put_back(request))
    if is_sent and form.is_valid():
        User.objects.filter(pk=user.pk).update(**form.cleaned_data)
        messages.success(request, "From now on, amounts, dates and times are written as you chose.")
        return redirect("accounts:settings")
    return render(request, "accounts/region.html", {"form": form})


def region_choices() -> Choices:
    """The bank's first, the others by their names, each as it writes an amount, a day and a time."""
    others = sorted(set(regions.CHOICES) - {regions.BANKS}, key=regions.name_of)
    return [(region, f"{regions.name_of(region)}: {written(region)}") for region in (regions.BANKS, *others)]


def written(region: str) -> str:
    amount = format_currency(EXAMPLE_AMOUNT, settings.CURRENCY, locale=region)
    with regions.written_as(region):
        return f"{amount} · {days.day(EXAMPLE)} · {days.time(EXAMPLE)}"


def zone_choices() -> list[tuple[str, Choices]]:
    """In groups by their part of the world, as IANA names them: ("Europe", [("Europe/Berlin", "Berlin"), …])."""
    names = sorted(name for name in regions.zones() if "/" in name)
    grouped = groupby(names, key=lambda name: name.partition("/")[0])
    found = [(area, [(name, city(name)) for name in members]) for area, members in grouped]
    return [*found, ("Everywhere", [("UTC", "UTC")])]


def city(zone: str) -> str:
    """ "Buenos Aires, Argentina" for America/Argentina/Buenos_Aires."""
    return ", ".join(reversed(zone.replace("_", " ").split("/")[1:]))
