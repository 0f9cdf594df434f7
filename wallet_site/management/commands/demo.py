from datetime import datetime
from typing import Any

from django.conf import settings
from django.contrib.auth.models import Group
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction
from django.utils import timezone

from accounts.credentials import totp
from accounts.models import Authenticator, User
from backoffice.roles import AUDITORS
from ledger.db import serializable
from ledger.models import SYSTEM_ACCOUNTS, Account, Transfer
from ledger.posting import Order, post
from payments.models import KIND, Payee
from wallet_site.demo import HISTORY, NEIGHBOURS, SIGN_INS, Movement, Neighbour, SignIn

NOTHING_MATCHES = "!"  # stands where a PIN's hash would


class Command(BaseCommand):
    help = "Makes the demo's customers, staff and history where they are missing. Demo mode only."

    def handle(self, **options: Any) -> None:
        if not settings.DEMO:
            raise CommandError("The demo's people have well-known secrets, so they exist in demo mode (DEMO=1) only.")
        people: list[SignIn | Neighbour] = [*SIGN_INS, *NEIGHBOURS]
        made = [make_person(person) for person in people]
        moved = write_history(timezone.localtime())
        if any(made) or moved:
            self.stdout.write(f"Made the demo's customers and staff, and {moved} payments between them.")


@transaction.atomic
def make_person(person: SignIn | Neighbour) -> bool:
    """Whether they were missing. All their set-up is behind them."""
    if User.objects.by_email(person.email) is not None:
        return False
    if isinstance(person, SignIn) and person.is_staff:
        user = User.objects.create_staff(email=person.email, full_name=person.full_name, password=person.password)
        user.groups.add(Group.objects.get(name=AUDITORS))
    else:
        user = make_customer(person)
    user.recovery_saved_at = timezone.now()
    user.save()
    authenticator = Authenticator(user=user, confirmed=True)
    authenticator.seal(totp.new_seed())
    authenticator.save()
    return True


def make_customer(person: SignIn | Neighbour) -> User:
    names = {"email": person.email, "full_name": person.full_name, "handle": person.handle}
    if isinstance(person, SignIn):
        user = User.objects.create_user(**names, password=person.password)
        user.set_pins(view=person.view_pin, payment=person.payment_pin)
    else:
        user = User.objects.create_user(**names, password=None)
        user.view_pin = user.payment_pin = NOTHING_MATCHES
    return user


def write_history(now: datetime) -> int:
    """All of it or nothing, in one transaction; gives back how many payments were written.

    Nothing where any of it is there: an older demo knew less history, and nothing is posted before what is posted.
    """
    if Transfer.objects.filter(id__in=[movement.id for movement in HISTORY]).exists():
        return 0
    orders = [(order(movement), movement.when(now)) for movement in HISTORY]
    serializable(lambda: [post([order], at=when)[0].id for order, when in orders])
    for movement in HISTORY:
        if movement.kind == KIND:
            payer, payee = (User.objects.get(handle=handle) for handle in (movement.payer, movement.payee))
            Payee.objects.paid(payer.pk, payee, movement.when(now))
    return len(orders)


def order(movement: Movement) -> Order:
    return Order(
        id=movement.id,
        debit=account(movement.payer),
        credit=account(movement.payee),
        amount=movement.amount,
        kind=movement.kind,
        memo=movement.memo,
        initiated_by=User.objects.by_handle(movement.payer),
    )


def account(name: str) -> Account:
    if name in SYSTEM_ACCOUNTS:
        return Account.objects.system(name)
    return Account.objects.for_owner(User.objects.get(handle=name))
