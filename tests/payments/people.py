"""Ada pays, Grace is paid, Charlie has nothing to do with it."""

import re
import uuid

from django.conf import settings
from django.http import HttpResponse
from django.test import Client

from accounts.models import User
from ledger.models import Account
from ledger.posting import Order, post
from tests.accounts import people
from tests.accounts.people import (
    PASSWORD,
    PAYMENT_PIN,
    VIEW_PIN,
    code_for,
    make_staff,
    run_together,
    sign_in_by_pages,
)

__all__ = [
    "PASSWORD",
    "PAYMENT_PIN",
    "VIEW_PIN",
    "balance",
    "code_for",
    "fund",
    "make_customer",
    "make_staff",
    "reload_in",
    "reveal",
    "run_together",
    "sign_in",
    "sign_in_by_pages",
]


def make_customer(handle: str, full_name: str) -> User:
    """With every step of the set-up behind them."""
    return people.make_customer(handle, full_name=full_name)


def sign_in(user: User, *, enforce_csrf_checks: bool = False) -> Client:
    """A browser with both factors behind it."""
    client = Client(enforce_csrf_checks=enforce_csrf_checks)
    people.sign_in(client, user)
    return client


def reveal(client: Client) -> None:
    response = client.post("/wallet/reveal/", {"pin": VIEW_PIN})
    assert response.status_code == 302


def reload_in(page: HttpResponse) -> int:
    """Seconds after which a browser without JavaScript loads the page again; 0 for never."""
    found = re.search(r'<noscript>\s*<meta http-equiv="refresh" content="([0-9]+)">', page.content.decode())
    return int(found[1]) if found else 0


def fund(user: User, amount: int) -> Account:
    """Minor units from the outside world. Gives back the user's wallet as it is then."""
    wallet = Account.objects.for_owner(user)
    settlement = Account.objects.system("settlement")
    post([Order(id=uuid.uuid4(), debit=settlement, credit=wallet, amount=amount, kind="deposit")])
    wallet.refresh_from_db()
    return wallet


def balance(user: User) -> int:
    return Account.objects.get(owner=user, currency=settings.CURRENCY).balance
