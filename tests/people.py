"""People for every test, and what they do with Django's test client. Amounts are in minor units.

- `make_customer(handle="alice", full_name="", **changes) -> User`: enrolled: PASSWORD, authenticator, recovery codes
  saved, VIEW_PIN, PAYMENT_PIN. `changes` are columns of the user.
- `make_staff(email="audit@example.com", groups=["Auditors"]) -> User`: enrolled too, without handle and PINs.
- `make_begun(handle="bob") -> User`: a password and an authenticator that is not confirmed yet.
- `sign_in(user, client=None) -> Client`: a verified session, without going through the pages; in a new client, or in
  this one.
- `sign_in_by_pages(user, client)`: the same through /login/ and /login/code/ (needs a transactional test).
- `code_for(user, offset=0) -> str`: a code of the user's app, `offset` steps from now; each is accepted once.
- `reveal(client)`: the view PIN is given, and amounts are shown.
- `fund(user, amount) -> Account`: money from outside; `balance(user) -> int`.
- `reload_in(page) -> int`: seconds after which a page without JavaScript loads itself again.
"""

import re
import uuid
from collections.abc import Sequence

from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.auth.models import Group
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from django_otp import DEVICE_ID_SESSION_KEY

from accounts.credentials import totp
from accounts.entry.signing_in.sign_in import BACKEND
from accounts.models import Authenticator, User
from accounts.sessions.store import SessionStore
from ledger.models import Account
from ledger.posting import Order, post

PASSWORD = "correct horse battery"
VIEW_PIN = "7306"
PAYMENT_PIN = "418529"


def make_customer(handle: str = "alice", full_name: str = "", **changes: object) -> User:
    names: dict[str, object] = {"email": f"{handle}@example.com", "full_name": full_name or f"{handle.title()} Example"}
    user = User(**(names | {"handle": handle} | changes))
    user.set_password(PASSWORD)
    user.set_pins(view=VIEW_PIN, payment=PAYMENT_PIN)
    return enrol(user)


def make_staff(email: str = "audit@example.com", groups: Sequence[str] = (), **changes: object) -> User:
    names: dict[str, object] = {"email": email, "full_name": "Audrey Audit", "handle": None, "is_staff": True}
    user = User(**(names | changes))
    user.set_password(PASSWORD)
    enrol(user)
    user.groups.set([Group.objects.get_or_create(name=name)[0] for name in groups])
    return user


def enrol(user: User) -> User:
    user.recovery_saved_at = timezone.now()
    user.save()
    device = Authenticator(user=user, name="authenticator", confirmed=True)
    device.seal(totp.new_seed())
    device.save()
    return user


def make_begun(handle: str = "bob") -> User:
    user = User(email=f"{handle}@example.com", full_name=f"{handle.title()} Example", handle=handle)
    user.set_password(PASSWORD)
    user.save()
    device = Authenticator(user=user, name="authenticator", confirmed=False)
    device.seal(totp.new_seed())
    device.save()
    return user


def code_for(user: User, offset: int = 0) -> str:
    device = Authenticator.objects.filter(user=user).order_by("confirmed").last()
    assert device is not None
    return totp.code_for_step(device.seed, totp.step_at() + offset)


def sign_in(user: User, client: Client | None = None) -> Client:
    client = client or Client()
    session = SessionStore()
    session[SESSION_KEY] = str(user.pk)
    session[BACKEND_SESSION_KEY] = BACKEND
    session[HASH_SESSION_KEY] = user.get_session_auth_hash()
    device = Authenticator.objects.filter(user=user, confirmed=True).first()
    if device is not None:
        session[DEVICE_ID_SESSION_KEY] = device.persistent_id
    session.save()
    assert session.session_key
    client.cookies[settings.SESSION_COOKIE_NAME] = session.session_key
    return client


def sign_in_by_pages(user: User, client: Client, *, offset: int = 0) -> None:
    client.post(reverse("accounts:login"), {"email": user.email, "password": PASSWORD})
    client.post(reverse("accounts:login_code"), {"code": code_for(user, offset)})


def reveal(client: Client) -> None:
    response = client.post("/wallet/reveal/", {"pin": VIEW_PIN})
    assert response.status_code == 302


def fund(user: User, amount: int) -> Account:
    """From the outside world. Gives back the user's wallet as it is then."""
    wallet = Account.objects.for_owner(user)
    settlement = Account.objects.system("settlement")
    post([Order(id=uuid.uuid4(), debit=settlement, credit=wallet, amount=amount, kind="deposit")])
    wallet.refresh_from_db()
    return wallet


def balance(user: User) -> int:
    return Account.objects.get(owner=user, currency=settings.CURRENCY).balance


def reload_in(page: HttpResponse) -> int:
    """Seconds after which a browser without JavaScript loads the page again; 0 for never."""
    found = re.search(r'<noscript>\s*<meta http-equiv="refresh" content="([0-9]+)">', page.content.decode())
    return int(found[1]) if found else 0
