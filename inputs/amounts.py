"""Amounts of money as people write them, in any country's way. Pure functions; see docs/adr/0033.

Every reading that the figures allow is looked for. One reading is the amount. Two are asked about: `1,234` may be a
thousand with a group or one with three decimals, and a thousandfold is not to be guessed.
"""

import re
from functools import cache

from babel import localedata
from babel.core import get_global
from babel.languages import get_official_languages
from babel.numbers import get_currency_name, get_currency_precision, get_currency_symbol

from inputs.text import figures

# Minor units. Far below bigint's 9.2e18, so that no sum of balances can come near it.
MAX_AMOUNT = 999_999_999_999
# A whole number in groups. (CLDR; the last one is how India groups. A first group never begins with a zero.)
GROUPED = [re.compile(rf"[1-9][0-9]{{0,2}}(?:{re.escape(mark)}[0-9]{{3}})+") for mark in (" ", "'", ".", ",", "\u066c")]
GROUPED.append(re.compile("[1-9][0-9]?(?:,[0-9]{2})+,[0-9]{3}"))
DECIMAL_MARKS = ".,\u066b"
# An Arabic and an Adlam comma stand where others have a plain one.
COMMAS = str.maketrans({"\u060c": ",", "\u2e41": ","})
NO_CENTS = re.compile(r"(?<=[0-9])[.,:](?:--?|=)\Z")  # 12,- and 12.– and 12:-
SIGN = re.compile("[-+(].*|.*[-+]")
ALSO_WRITTEN = {"CHF": ("Fr.", "Fr", "SFr.", "SFr"), "SEK": ("kr.",), "NOK": ("kr.",), "DKK": ("kr",), "ISK": ("kr",)}


class NotAnAmount(ValueError):
    """What was typed is no amount of this currency. `code` says why, `params` what a message may need."""

    def __init__(self, code: str, **params: object) -> None:
        super().__init__(code)
        self.code, self.params = code, params


def exponent(currency: str) -> int:
    """Decimal places of the currency: 2 for EUR, 0 for JPY (ISO 4217, by way of CLDR)."""
    return get_currency_precision(currency)


def read(text: str, currency: str) -> int:
    """Minor units. Raises NotAnAmount; its code is "doubt" where there are two readings, both in its params.

    `int()` and `Decimal()` read more than people mean (`1e3`, `1_000`, `NaN`), so the text itself is matched.
    """
    if len(text.strip().splitlines()) > 1:
        raise NotAnAmount("number")  # two lines are two numbers
    typed = figures(text).translate(COMMAS)
    places = exponent(currency)
    number = _without_mark(typed, currency, places)
    number = NO_CENTS.sub("\u066b0" if places else "", number)
    if SIGN.fullmatch(number):
        raise NotAnAmount("sign")
    found = readings(number)
    if not found:
        raise NotAnAmount(_reason(number))
    whole, fraction = found[0] if len(found) == 1 else _decided(found, number, places)
    return _minor_units(whole, fraction, places)


def readings(number: str) -> list[tuple[str, str]]:
    """Every (whole, fraction) that the figures can stand for, both in digits alone, the whole number first."""
    found = []
    if (whole := _integer(number)) is not None:
        found.append((whole, ""))
    for mark in DECIMAL_MARKS:
        left, _, right = number.partition(mark)
        if re.fullmatch("[0-9]+", right) and (whole := _integer(left or "0")) is not None:
            found.append((whole, right))
    return found


def _integer(text: str) -> str | None:
    """The digits of a whole number, with or without groups; None for what is none."""
    if re.fullmatch("[0-9]+", text):
        return text
    if any(pattern.fullmatch(text) for pattern in GROUPED):
        return re.sub("[^0-9]", "", text)
    return None


def _decided(found: list[tuple[str, str]], number: str, places: int) -> tuple[str, str]:
    """One of the two readings of "1,234", where the currency leaves no doubt. Raises NotAnAmount.

    Nobody writes decimals of a currency that has none. Where a currency has three, this site itself writes "1.234".
    """
    (grouped, _), (whole, fraction) = found
    if places == 0:
        return grouped, ""
    if places >= len(fraction) and "." in number:
        return whole, fraction
    raise NotAnAmount("doubt", one=f"{grouped}.{'0' * places}", other=f"{whole}.{fraction[:places]}")


def _minor_units(whole: str, fraction: str, places: int) -> int:
    if len(fraction) > places:
        raise NotAnAmount("places" if places else "no_places", places=places)
    amount = int(whole + fraction.ljust(places, "0"))
    if amount == 0:
        raise NotAnAmount("zero")
    if amount > MAX_AMOUNT:
        raise NotAnAmount("too_much")
    return amount


def _reason(number: str) -> str:
    if any(letter.isdigit() and not letter.isascii() for letter in number):
        return "digits"
    return "marks" if re.fullmatch("[0-9., ']*[0-9][0-9., ']*", number) else "number"


def _without_mark(typed: str, currency: str, places: int) -> str:
    """The figures alone: people copy `€5`, `5 EUR` and `€5 EUR`, and some write `12€50`."""
    before = next((mark for mark in marks(currency) if typed[: len(mark)].lower() == mark), "")
    typed = typed[len(before) :].lstrip(" ")
    after = next((mark for mark in marks(currency) if mark != before and typed[-len(mark) :].lower() == mark), "")
    typed = typed.removesuffix(typed[-len(after) :] if after else "").rstrip(" ")
    if before or after or not places:
        return typed
    cents = typed[-places:]
    for mark in marks(currency):
        euros = typed[:-places].rstrip(" ")
        if cents.isdecimal() and euros[-len(mark) :].lower() == mark:
            return f"{euros[: -len(mark)].rstrip(' ')}\u066b{cents}"
    return typed


@cache
def marks(currency: str) -> tuple[str, ...]:
    """How the currency is written where it is used, and here: code, signs and names, the longest first."""
    found = {currency, *ALSO_WRITTEN.get(currency, ())}
    for locale in ("en_GB", *_locales(currency)):
        found.add(get_currency_symbol(currency, locale=locale))
        found.update(get_currency_name(currency, count=count, locale=locale) for count in (1, 2, 5))
    return tuple(sorted({figures(mark).lower() for mark in found} - {""}, key=lambda mark: (-len(mark), mark)))


def _locales(currency: str) -> list[str]:
    """Of the places whose legal tender it is today, in the languages that are official there (CLDR)."""
    found = []
    for territory, used in get_global("territory_currencies").items():
        if any(code == currency and until is None and tender for code, _, until, tender in used):
            for language in get_official_languages(territory, regional=True, de_facto=True):
                found += [name for name in (f"{language}_{territory}", language) if localedata.exists(name)]
    return found
