"""Money on pages, as `ledger.currency` writes it."""

from django import template
from django.template import Context
from django.template.loader import render_to_string
from django.utils.safestring import SafeString

from ledger.currency import money, short_money
from ledger.models import Account, Entry
from statements.masking import seconds_to

register = template.Library()
register.filter("money", money)
register.filter("short_money", short_money)
register.filter("seconds_to", seconds_to)


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
    return render_to_string("statements/_balance.html", shown)


@register.simple_tag(takes_context=True)
def balance(context: Context, account: Account) -> SafeString:
    """The account's balance, masked like every other."""
    return balance_amount(context, account.balance, account.currency)
