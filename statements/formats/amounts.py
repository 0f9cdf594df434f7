"""Amounts as programs read them."""

from ledger.currency import major


def decimal(amount: int, currency: str) -> str:
    """`decimal(-1250, "EUR")` is "-12.50": all places of the currency, a point, a plain minus, no groups."""
    return f"{major(amount, currency):f}"
