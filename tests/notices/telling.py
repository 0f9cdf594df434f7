"""What the tests of telling share."""

from notices import delivery
from notices.models import Kind, Outbox


def deliver() -> None:
    """What the worker does, until nothing is due."""
    while delivery.hand_out() + delivery.send_letters():
        pass


def kinds_told(**of: object) -> list[str]:
    return list(Outbox.objects.filter(**of).order_by("at").values_list("kind", flat=True))


EXAMPLES: dict[Kind, dict[str, object]] = {
    Kind.MONEY_IN: {"amount": 12_34, "currency": "EUR", "name": "Grace Hopper"},
    Kind.MONEY_OUT: {"amount": 12_34, "currency": "EUR", "name": "Grace Hopper"},
    Kind.STATEMENT_READY: {"period": "November 2026", "path": "/statements/"},
    Kind.PAYMENT_REFUSED: {
        "amount": 5_00, "currency": "EUR", "name": "Grace Hopper", "why": "there was not enough money.", "path": "/send/",
    },
    Kind.NEW_BROWSER: {"device": "Firefox on Linux"},
    Kind.RECOVERY_USED: {},
    Kind.LOCKED: {"what": "PIN"},
    Kind.SECRET_CHANGED: {"what": "Password changed"},
}  # fmt: skip
