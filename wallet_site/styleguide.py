"""Every component in every state on one page, to look at while changing the stylesheets. Demo mode only."""

import re
from datetime import date

from django import forms
from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from accounts.access.decorators import public
from accounts.credentials.widgets import PinInput, SecretInput
from inputs.fields import ChoiceField, DigitsField, TextField
from inputs.forms import OneValueEach
from statements.chart import Chart, Month

SAMPLE_MONTHS = [
    (0, 0),
    (2_900_00, 1_850_75),
    (3_410_20, 2_264_10),
    (75_00, 1_904_30),
    (2_900_00, 3_120_00),
    (2_941_50, 2_15),
]
SPRITE = settings.BASE_DIR / "static/img/icons.svg"


class Sample(OneValueEach):
    payee = TextField(
        longest=100,
        label="Who to pay",
        help_text="Their @handle, email address or account number.",
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    amount = TextField(
        longest=100,
        label="Amount",
        widget=forms.TextInput(attrs={"class": "input--amount", "inputmode": "decimal", "autocomplete": "off"}),
    )
    pin = DigitsField(digits=4, label="View PIN", widget=PinInput())
    password = TextField(longest=100, label="Password", widget=SecretInput("new-password"))
    note = TextField(longest=100, label="Note (optional)", required=False, widget=forms.Textarea(attrs={"rows": 2}))
    language = ChoiceField(label="Statement language", choices=[("en", "English"), ("pl", "Polish")])
    news = ChoiceField(
        label="When should we write to you?",
        choices=[("always", "For every payment"), ("never", "Never")],
        widget=forms.RadioSelect,
    )
    agree = forms.BooleanField(label="I have kept my recovery codes in a safe place")


@public
@require_safe
def styleguide(request: HttpRequest) -> HttpResponse:
    if not settings.DEMO:
        raise Http404
    icons = re.findall(r'<symbol id="([a-z-]+)"', SPRITE.read_text())
    typed = {"wrong-payee": "@nobody", "wrong-amount": "1e3", "wrong-language": "en"}
    forms_shown = {
        "empty_form": Sample(prefix="empty"),
        "wrong_form": Sample(typed, prefix="wrong"),
        "reveal_form": Sample(prefix="reveal"),
    }
    months = [Month(date(2026, number, 1), *sums) for number, sums in enumerate(SAMPLE_MONTHS, start=3)]
    context = {**forms_shown, "icons": icons, "chart": Chart(months, settings.CURRENCY)}
    return render(request, "styleguide.html", context)
