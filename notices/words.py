"""What a notice says: its one sentence, on the site and as a mail's subject, and the page it leads to."""

from typing import NamedTuple

from django.urls import reverse

from ledger.currency import money
from notices.models import Kind, Told


class Words(NamedTuple):
    title: str
    path: str  # of a page of ours


def words(told: Told) -> Words:
    """For example "You received €12.34 from Grace Hopper"."""
    data = told.data
    match Kind(told.kind):
        case Kind.MONEY_IN:
            return Words(f"You received {_amount(data)} from {data['name']}", _receipt(told))
        case Kind.MONEY_OUT:
            return Words(f"You sent {_amount(data)} to {data['name']}", _receipt(told))
        case Kind.STATEMENT_READY:
            return Words(f"Your statement for {data['period']} is ready", data["path"])
        case Kind.PAYMENT_REFUSED:
            return Words(f"Your payment of {_amount(data)} to {data['name']} was not made", data["path"])
        case Kind.NEW_BROWSER:
            return Words(f"Signed in from a new browser: {data['device']}", _security())
        case Kind.RECOVERY_USED:
            return Words("A recovery code was used", _security())
        case Kind.LOCKED:
            return Words(f"Too many wrong tries at your {data['what']}", _security())
        case Kind.SECRET_CHANGED:
            return Words(data["what"], _security())


def _amount(data: dict[str, object]) -> str:
    amount, currency = data["amount"], data["currency"]
    assert isinstance(amount, int) and isinstance(currency, str)
    return money(amount, currency)


def _receipt(told: Told) -> str:
    return reverse("statements:activity_detail", args=[told.about])


def _security() -> str:
    return reverse("accounts:security")
