"""Amounts of a currency: how many decimal places it has, and how an amount is written out where its reader is."""

import re
from decimal import Decimal

from babel.numbers import format_compact_currency, format_currency, get_decimal_symbol

from inputs.amounts import exponent
from web import regions

__all__ = ["exponent", "major", "money", "short_money", "typed"]

MINUS = "\N{MINUS SIGN}"


def major(amount: int, currency: str) -> Decimal:
    """Minor units in major ones: 123450 of EUR is 1234.50."""
    return Decimal(amount).scaleb(-exponent(currency))


def money(amount: int, currency: str) -> str:
    """`money(123450, "EUR")` is "€1,234.50", or as the active region writes it (`web.regions`).

    `amount` is in minor units; a negative one carries a real minus sign.
    """
    text = spaced(format_currency(major(abs(amount), currency), currency, locale=regions.active()))
    return f"{MINUS}{text}" if amount < 0 else text


def short_money(amount: int, currency: str) -> str:
    """`short_money(400000, "EUR")` is "€4K": for the lines of a scale, which are round and not negative."""
    return spaced(format_compact_currency(major(amount, currency), currency, locale=regions.active()))


def typed(amount: int, currency: str) -> str:
    """`typed(123450, "EUR")` is "1234.50", or "1234,50" where that is how one types it: what a form takes back.

    With a point wherever a comma could be read as a group: "1,234" of a currency with three decimals.
    """
    places = exponent(currency)
    plain = f"{major(amount, currency):.{places}f}"
    return plain if places > 2 else plain.replace(".", get_decimal_symbol(regions.active()))


def spaced(text: str) -> str:
    """CLDR asks for a space between letters and digits, and Babel leaves it out."""
    return re.sub("(?<=[A-Z])(?=[0-9])", "\N{NO-BREAK SPACE}", text)
