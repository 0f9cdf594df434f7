"""Money to try the site with: 100.00 for each new wallet, once, in demo mode only."""

import uuid

from django.conf import settings

from accounts.models import User
from ledger.models import Account, Transfer
from ledger.posting import Order, post
from payments import following
from payments.settling import settle

NAMESPACE = uuid.UUID("5f0a4b52-6d1e-4a6f-9a55-3c1f0d7b8e21")


def transfer_id(account: Account) -> uuid.UUID:
    """Always the same for a wallet, so that two clicks at once still give once."""
    return uuid.uuid5(NAMESPACE, account.number)


def is_offered_to(account: Account) -> bool:
    return settings.DEMO and not Transfer.objects.filter(id=transfer_id(account)).exists()


def promotions() -> Account:
    return Account.objects.system("promotions")


def order(account: Account, customer: User) -> Order:
    return Order(
        id=transfer_id(account),
        debit=promotions(),
        credit=account,
        amount=settings.DEMO_MONEY,
        kind="demo",
        memo="Money to try the site with",
        initiated_by=customer,
    )


def give(account: Account, customer: User) -> None:
    """Out of the bank's own promotions, once a wallet. Raises what `post` raises."""
    gift = order(account, customer)
    words = following.of_demo_money(customer, transfer_id(account), gift.amount, account.currency)

    def work() -> None:
        post([gift])
        following.tell(words)

    settle(work, [promotions().id, account.id])
