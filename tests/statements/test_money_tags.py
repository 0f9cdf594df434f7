import pytest
from django.template import Context, Template
from django.utils import timezone

from statements.templatetags.money import money


@pytest.mark.parametrize(
    ("amount", "currency", "text"),
    [
        (1_234_50, "EUR", "€1,234.50"),
        (1, "EUR", "€0.01"),
        (0, "EUR", "€0.00"),
        (-12_34, "EUR", "−€12.34"),
        (1_234, "JPY", "JP¥1,234"),
        (1_234, "KWD", "KWD 1.234"),
        (1_234_50, "CHF", "CHF 1,234.50"),
        (-1_234_50, "CHF", "−CHF 1,234.50"),
        (10**18 + 1, "EUR", "€10,000,000,000,000,000.01"),
    ],
)
def test_money_is_written_as_in_a_british_statement(amount: int, currency: str, text: str) -> None:
    assert money(amount, currency).replace("\N{NO-BREAK SPACE}", " ") == text


def test_a_balance_is_masked_unless_the_view_says_otherwise() -> None:
    template = Template('{% load money %}{% balance_amount 123450 "EUR" %}')
    for context in ({}, {"shown_until": None}):
        html = template.render(Context(context))
        assert "1,234.50" not in html
        assert "hidden" in html
    assert "€1,234.50" in template.render(Context({"shown_until": timezone.now()}))
