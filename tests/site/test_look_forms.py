"""How a form is rendered: what is wrong is said twice, tied to its field, and no secret comes back."""

import re

from django import forms
from django.template.loader import render_to_string


class Form(forms.Form):
    payee = forms.CharField(label="Who to pay", help_text="Their @handle.")
    amount = forms.CharField(widget=forms.TextInput(attrs={"class": "input--amount"}))
    pin = forms.CharField(label="PIN", widget=forms.PasswordInput)
    when = forms.ChoiceField(choices=[("now", "Now"), ("later", "Later")], widget=forms.RadioSelect)
    agree = forms.BooleanField(label="I agree")
    ticket = forms.CharField(widget=forms.HiddenInput, required=False)


def html_of(**typed: str) -> str:
    return str(Form(typed))


def ids_in(html: str) -> set[str]:
    return set(re.findall(r'\bid="([^"]+)"', html))


def test_it_says_nothing_of_errors_before_anything_was_sent() -> None:
    html = str(Form())
    assert "There is a problem" not in html
    assert "aria-invalid" not in html


def test_whatever_describes_a_field_is_on_the_page() -> None:
    html = html_of()
    described = {part for ids in re.findall(r'aria-describedby="([^"]+)"', html) for part in ids.split()}
    assert {"id_payee_helptext", "id_payee_error", "id_when_error"} <= described
    assert described <= ids_in(html)


def test_each_link_of_the_summary_leads_to_its_field() -> None:
    html = html_of()
    links = re.findall(r'href="#([^"]+)"', html)
    assert len(links) == 5
    assert set(links) <= ids_in(html)


def test_each_error_is_announced_as_one() -> None:
    html = html_of(payee="@ada", amount="1", pin="1234", when="now")
    assert html.count('<span class="visually-hidden">Error:</span>') == 1
    assert html.count('aria-invalid="true"') == 1


def test_what_was_typed_comes_back_and_a_secret_does_not() -> None:
    html = html_of(payee="@nobody", pin="4071")
    assert 'value="@nobody"' in html
    assert "4071" not in html


def test_what_was_typed_cannot_become_markup() -> None:
    assert "<script>" not in html_of(payee='"><script>alert(1)</script>')


def test_the_currency_stands_before_an_amount_and_is_not_read_out() -> None:
    assert re.search(r'aria-hidden="true">\s*€\s*</span>\s*<input[^>]+name="amount"', str(Form()))


def test_each_field_has_a_label_or_a_legend() -> None:
    html = str(Form())
    labelled = set(re.findall(r'<label[^>]*\bfor="([^"]+)"', html))
    fields = set(re.findall(r'<input[^>]*type="(?:text|password|checkbox)"[^>]*\bid="([^"]+)"', html))
    assert fields and fields <= labelled
    assert "<legend" in html


def test_an_error_of_the_whole_form_is_in_the_summary() -> None:
    form = Form({"payee": "@ada"})
    form.add_error(None, "There is not enough money in your wallet.")
    summary = render_to_string("_partials/_error_summary.html", {"form": form})
    assert "There is not enough money in your wallet." in summary
