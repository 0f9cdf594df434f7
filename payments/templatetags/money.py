"""How money looks, in one place."""

import re
from decimal import Decimal

from babel.numbers import format_compact_currency, format_currency
from django import template
from django.template import Context
from django.template.loader import render_to_string
from django.utils.safestring import SafeString

from inputs.amounts import exponent
from ledger.models import Account, Entry
from payments.privacy import seconds_to

register = template.Library()

LOCALE = "en_GB"
MINUS = "\N{MINUS SIGN}"

register.filter("seconds_to", seconds_to)


@register.filter
def money(amount: int, currency: str) -> str:
    """`123450|money:"EUR"` is "€1,234.50". `amount` is in minor units; a negative one carries a real minus sign."""
    text = spaced(format_currency(major(abs(amount), currency), currency, locale=LOCALE))
    return f"{MINUS}{text}" if amount < 0 else text


@register.filter
def short_money(amount: int, currency: str) -> str:
    """`400000|short_money:"EUR"` is "€4K": for the lines of a scale, which are round and not negative."""
    return spaced(format_compact_currency(major(amount, currency), currency, locale=LOCALE))


def major(amount: int, currency: str) -> Decimal:
    return Decimal(amount).scaleb(-exponent(currency))


def spaced(text: str) -> str:
    """CLDR asks for a space between letters and digits, and Babel leaves it out."""
    return re.sub("(?<=[A-Z])(?=[0-9])", "\N{NO-BREAK SPACE}", text)


@register.filter
def signed_money(entry: Entry) -> str:
    """An entry as its account's owner sees it: "+€12.34" came in, "−€12.34" went out."""
    text = money(entry.signed_amount, entry.transfer.currency)
    return f"+{text}" if entry.signed_amount > 0 else text


@register.simple_tag(takes_context=True)
def balance_amount(context: Context, amount: int, currency: str) -> SafeString:
    """Any balance, in minor units. Masked unless the view has put into the context until when balances are shown."""
    until = context.get("shown_until")
    shown = {"text": money(amount, currency), "seconds": seconds_to(until)} if until else {}
    return render_to_string("payments/_balance.html", shown)


@register.simple_tag(takes_context=True)
def balance(context: Context, account: Account) -> SafeString:
    """The account's balance, masked like every other."""
    return balance_amount(context, account.balance, account.currency)
