"""Amounts of a currency: how many decimal places it has, and how an amount is written out."""

import re
from decimal import Decimal

from babel.numbers import format_compact_currency, format_currency

from inputs.amounts import exponent

__all__ = ["exponent", "major", "money", "short_money"]

LOCALE = "en_GB"
MINUS = "\N{MINUS SIGN}"


def major(amount: int, currency: str) -> Decimal:
    """Minor units in major ones: 123450 of EUR is 1234.50."""
    return Decimal(amount).scaleb(-exponent(currency))


def money(amount: int, currency: str) -> str:
    """`money(123450, "EUR")` is "€1,234.50". `amount` is in minor units; a negative one carries a real minus sign."""
    text = spaced(format_currency(major(abs(amount), currency), currency, locale=LOCALE))
    return f"{MINUS}{text}" if amount < 0 else text


def short_money(amount: int, currency: str) -> str:
    """`short_money(400000, "EUR")` is "€4K": for the lines of a scale, which are round and not negative."""
    return spaced(format_compact_currency(major(amount, currency), currency, locale=LOCALE))


def spaced(text: str) -> str:
    """CLDR asks for a space between letters and digits, and Babel leaves it out."""
    return re.sub("(?<=[A-Z])(?=[0-9])", "\N{NO-BREAK SPACE}", text)
