"""What every form asks a secret with: the browser's password manager must know a password, and nothing else, for one."""

import pytest
from django import forms

import payments.forms
from accounts.credentials.forms import CodeForm
from accounts.credentials.widgets import PinInput
from accounts.entry.joining.forms import JoinForm
from tests.forms import our_forms

FIELDS = sorted(
    {(form.__name__, name, field.widget) for form in our_forms() for name, field in form.base_fields.items()},
    key=lambda found: found[:2],
)


def test_there_are_forms_to_look_at() -> None:
    assert {"PaymentPinForm", "PinAndCodeForm", "NewPinsForm", "Sample"} <= {form for form, _, _ in FIELDS}
    assert issubclass(payments.forms.PinAndCodeForm, CodeForm)


@pytest.mark.parametrize(("form", "name", "widget"), FIELDS, ids=lambda value: value if isinstance(value, str) else "")
def test_a_masked_field_is_a_pin_or_says_which_password_it_is(form: str, name: str, widget: forms.Widget) -> None:
    if "pin" in name:
        assert isinstance(widget, PinInput)
    if getattr(widget, "input_type", "") == "password":
        assert widget.attrs["autocomplete"] in ("current-password", "new-password")
        assert widget.attrs["spellcheck"] == "false"


@pytest.mark.asvs("6.2.6")
def test_a_pin_is_text_behind_dots_that_nobody_keeps() -> None:
    html = PinInput().render("pin", "7306", {"id": "id_pin"})
    assert 'type="text"' in html and "input--masked" in html and 'autocomplete="off"' in html
    assert 'inputmode="numeric"' in html and 'pattern="[0-9]*"' in html and 'spellcheck="false"' in html
    assert "7306" not in html


def test_a_new_login_is_kept_under_the_email_that_signs_in() -> None:
    form = JoinForm(email="ada@example.com")
    assert form.fields["handle"].widget.attrs["autocomplete"] != "username"
