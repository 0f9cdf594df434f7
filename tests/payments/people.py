"""Ada pays, Grace is paid, Charlie has nothing to do with it."""

import uuid

from django.conf import settings
from django.contrib.auth import SESSION_KEY
from django.test import Client
from django.utils import timezone
from django_otp import DEVICE_ID_SESSION_KEY

from accounts import totp
from accounts.models import Authenticator, User
from ledger.models import Account
from ledger.posting import Order, post

VIEW_PIN = "4071"
PAYMENT_PIN = "830517"
PASSWORD = "paper lanterns at noon"


def make_customer(handle: str, full_name: str) -> User:
    """With every step of the set-up behind them."""
    user = User.objects.create_user(
        email=f"{handle}@example.com", full_name=full_name, handle=handle, password=PASSWORD
    )
    user.set_pins(view=VIEW_PIN, payment=PAYMENT_PIN)
    return finish(user)


def make_staff(email: str, *, is_superuser: bool = False) -> User:
    create = User.objects.create_superuser if is_superuser else User.objects.create_staff
    return finish(create(email=email, full_name="Staff Member", password=PASSWORD))


def finish(user: User) -> User:
    user.recovery_saved_at = timezone.now()
    user.save()
    authenticator = Authenticator(user=user, confirmed=True)
    authenticator.seal(totp.new_seed())
    authenticator.save()
    return user


def sign_in(user: User, *, enforce_csrf_checks: bool = False) -> Client:
    """A browser with both factors behind it."""
    client = Client(enforce_csrf_checks=enforce_csrf_checks)
    client.force_login(user)
    session = client.session
    session[DEVICE_ID_SESSION_KEY] = Authenticator.objects.get(user=user).persistent_id
    session.save()
    assert session[SESSION_KEY] == str(user.pk)
    return client


def reveal(client: Client) -> None:
    response = client.post("/wallet/reveal/", {"pin": VIEW_PIN})
    assert response.status_code == 302


def fund(user: User, amount: int) -> Account:
    """Minor units from the outside world. Gives back the user's wallet as it is then."""
    wallet = Account.objects.for_owner(user)
    settlement = Account.objects.system("settlement")
    post([Order(id=uuid.uuid4(), debit=settlement, credit=wallet, amount=amount, kind="deposit")])
    wallet.refresh_from_db()
    return wallet


def balance(user: User) -> int:
    return Account.objects.get(owner=user, currency=settings.CURRENCY).balance
