"""Who somebody means when they say whom to pay."""

import re

from django.conf import settings

from accounts import tally
from accounts.models import User
from ledger.models import Account

UNKNOWN = "payee"
HOUR = 3600  # seconds


def may_look_up(payer: User) -> bool:
    """Whether this customer may ask for one more payee: the answer tells who is a customer here, also by email.

    Counts the question as one for somebody unknown, so that many at once cannot overshoot: see `was_not_unknown`.
    """
    return tally.count(UNKNOWN, str(payer.id), seconds=HOUR) <= settings.UNKNOWN_PAYEES_PER_HOUR


def was_not_unknown(payer: User) -> None:
    """Take back what `may_look_up` counted."""
    tally.give_back(UNKNOWN, str(payer.id))


def find(text: str) -> User | None:
    """The customer with this @handle, email address or account number, whose set-up is finished.

    Nobody else is told apart from nobody at all: not staff, not who left half-way, not who was closed.
    """
    found = _lookup(text.strip())
    is_payable = found and found.is_active and found.is_customer and found.missing_step() is None
    return found if is_payable else None


def _lookup(text: str) -> User | None:
    if re.fullmatch("[0-9 ]+", text):
        account = Account.objects.by_number(text)
        return account.owner if account else None
    if "@" in text[1:]:
        return User.objects.by_email(text)
    return User.objects.by_handle(text)
