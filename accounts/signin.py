"""Signing in: password first, code second, and one answer at the end that does not say which of them was wrong.

A wrong password, an unknown email and a locked one all lead to the code page, as slowly as a right one. What is known
so far waits in the session, on the server; nobody is signed in, and no key rotated, before both are right.
"""

import time
from contextlib import suppress
from dataclasses import asdict, dataclass
from uuid import UUID

from django.conf import settings
from django.contrib.auth import login
from django.http import HttpRequest
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django_otp import login as otp_login

from accounts import attempts, codes, devices, events, requests, secrets, tally, totp
from accounts.errors import SecretLocked, TooManyTries, WrongSecret
from accounts.managers import normalise_email
from accounts.models import Authenticator, User
from accounts.secrets import Kind

PENDING = "sign_in"
PENDING_SECONDS = 600
MOST_TRIES = 5
SIGN_IN = "sign_in"
NETWORK_SECONDS = 900
BACKEND = "accounts.backends.PasswordBackend"


@dataclass
class Pending:
    """A sign-in between its two pages. `user` is whom the code page asks, also when the password was wrong."""

    user: str | None
    subject: str
    stamp: str
    right: bool
    at: float
    next: str
    tries: int = 0


def start(request: HttpRequest, *, email: str, password: str, next_page: str) -> User | None:
    """Check the password and remember the outcome for the code page. Raises TooManyTries.

    Returns the user only when the password is right and there is no second factor yet: set-up goes on.
    """
    user = User.objects.filter(email=normalise_email(email), is_active=True).first()
    limit_network(request, user)
    right = _password_is_right(request, user, email, password)
    if right:
        tally.give_back(SIGN_IN, requests.network(request))
    pending = Pending(
        user=str(user.id) if user else None,
        subject=str(user.id if user else tally.pseudonym("email", normalise_email(email))),
        stamp=user.session_stamp.hex if user else "",
        right=right,
        at=time.time(),
        next=local(request, next_page),
    )
    request.session[PENDING] = asdict(pending)
    if user and right and user.is_customer and user.missing_step() == "accounts:setup_totp":
        return user
    return None


def limit_network(request: HttpRequest, user: User | None) -> None:
    """Stop one network's guessing over many users before anything is hashed (ASVS 5, 6.3.1). Raises TooManyTries.

    A success gives back its own count only. A browser that the user signed in with before is let through: strangers
    behind the same address must not keep the owner out.
    """
    tries = tally.count(SIGN_IN, requests.network(request), seconds=NETWORK_SECONDS)
    if tries > settings.SIGN_IN_TRIES_PER_NETWORK and not devices.is_known(request, user):
        raise TooManyTries


def _password_is_right(request: HttpRequest, user: User | None, email: str, password: str) -> bool:
    try:
        if user is None:
            # Counted and locked like anybody, so that neither answers nor their times tell who is a customer.
            with attempts.attempt(tally.pseudonym("email", normalise_email(email)), Kind.PASSWORD):
                secrets.burn()
                raise WrongSecret
        attempts.prove(user, Kind.PASSWORD, password, subject=devices.subject(request, user))
    except SecretLocked as lock:
        if not lock.tried:
            secrets.burn()
        elif user:
            events.record(request, user, events.Kind.LOCKED)
        return False
    except WrongSecret:
        if user:
            events.record(request, user, events.Kind.SIGN_IN_REFUSED)
        return False
    return True


def pending(request: HttpRequest) -> Pending | None:
    """The sign-in waiting for its code. None when there is none, it is too old, or was tried too often."""
    stored = request.session.get(PENDING)
    if not stored:
        return None
    waiting = Pending(**stored)
    fresh = time.time() - waiting.at < PENDING_SECONDS
    return waiting if fresh and waiting.tries < MOST_TRIES else None


def finish(request: HttpRequest, waiting: Pending, code: str) -> User:
    """Check the code; if password and code are right, sign in. Raises WrongSecret, or CodeUsed with a right password.

    A wrong password never reaches the authenticator's counter: its tries go to one of their own.
    """
    waiting.tries += 1
    request.session[PENDING] = asdict(waiting)
    user = User.objects.filter(pk=waiting.user, is_active=True).first() if waiting.user and waiting.right else None
    if user is None or user.session_stamp.hex != waiting.stamp:  # a secret was changed in the meantime
        _try_nobody(waiting, code)
        raise WrongSecret
    try:
        device = second_factor(request, user, code)
    except SecretLocked as lock:
        if not lock.tried:
            _burn(code)
        events.record(request, user, events.Kind.LOCKED if lock.tried else events.Kind.SIGN_IN_REFUSED)
        raise WrongSecret from None
    except WrongSecret:
        events.record(request, user, events.Kind.SIGN_IN_REFUSED)
        raise
    enter(request, user, device)
    return user


def _try_nobody(waiting: Pending, code: str) -> None:
    """Takes as long as the code of somebody whose password was right, so that it does not tell whether it was."""
    _burn(code)
    with (
        suppress(SecretLocked, WrongSecret),
        attempts.attempt(tally.pseudonym("code", waiting.subject), _kind_of(code)),
    ):
        raise WrongSecret


def _burn(code: str) -> None:
    if _kind_of(code) == "recovery":
        codes.burn()


def second_factor(request: HttpRequest, user: User, code: str, *, subject: UUID | None = None) -> Authenticator | None:
    """Check a code and use it up: the authenticator's, a recovery code, or what enrols staff, who have no device yet.

    The try counts on this browser's counter, or on `subject`. Returns the authenticator, None after an enrolment
    code. Raises WrongSecret, CodeUsed or SecretLocked.
    """
    device = user.authenticators.filter(confirmed=True).first()
    kind = _kind_of(code)
    with attempts.attempt(subject or devices.subject(request, user), kind):
        if kind == "totp" and device is not None:
            device.spend(code)
        elif kind == "totp":
            raise WrongSecret
        elif device is not None:
            codes.redeem_recovery(user, code)
        else:
            codes.redeem_enrolment(user, code)
    if device is not None and kind == "recovery":
        events.record(request, user, events.Kind.RECOVERY_USED)
    return device


def _kind_of(code: str) -> str:
    return "totp" if totp.is_code(code) else "recovery"


def enter(request: HttpRequest, user: User, device: Authenticator | None) -> None:
    """Sign in under a new session and a new key (ASVS 5, 7.2.4). Without a device, only set-up is open."""
    request.session.flush()
    login(request, user, backend=BACKEND)
    if device is not None:
        otp_login(request, device)
    events.record(request, user, events.Kind.SIGNED_IN)


def local(request: HttpRequest, url: str) -> str:
    """The address if it is a page of ours, else nothing (ASVS 5, 3.7.2)."""
    ours = url_has_allowed_host_and_scheme(url, {request.get_host()}, require_https=request.is_secure())
    return url if ours and url.startswith("/") else ""


def landing_page(user: User, next_page: str = "") -> str:
    """Where a signed-in user goes: the missing step of set-up, where they wanted to go, or their first page."""
    step = user.missing_step()
    if step:
        return reverse(step)
    return next_page or reverse("admin:index" if user.is_staff else "payments:wallet")
