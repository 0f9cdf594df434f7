"""Signing in: password first, code second, and one answer at the end that does not say which of them was wrong.

A wrong password, an unknown email and a locked one all lead to the code page, as slowly as a right one. What is known
so far waits in the session, on the server; nobody is signed in, and no key rotated, before both are right.
"""

import time
from dataclasses import asdict, dataclass
from typing import NoReturn
from uuid import UUID

from django.conf import settings
from django.contrib.auth import login
from django.db import transaction
from django.http import HttpRequest
from django.urls import reverse
from django_otp import login as otp_login

from accounts import events, telling
from accounts.access import kept_forms
from accounts.credentials import hashing, recovery_codes, totp
from accounts.credentials.hashing import Kind
from accounts.errors import SecretLocked, TooManyTries, WrongSecret
from accounts.guard import attempts, known_browsers, rates
from accounts.models import Authenticator, User
from accounts.people import emails
from accounts.sessions import user_agents
from web import visitors
from web.addresses import page

PENDING = "sign_in"
PENDING_SECONDS = 600
MOST_TRIES = 5
SIGN_IN = "sign_in"
GUARDED = [Kind.PASSWORD, "totp", "recovery"]  # the counters on the way in
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
    user = User.objects.filter(email=emails.normalise(email), is_active=True).first()
    limit_network(request, user)
    right = _password_is_right(request, user, email, password)
    pending = Pending(
        user=str(user.id) if user else None,
        subject=str(user.id if user else rates.pseudonym("email", emails.normalise(email))),
        stamp=user.session_stamp.hex if user else "",
        right=right,
        at=time.time(),
        next=page(next_page),
    )
    request.session[PENDING] = asdict(pending)
    # Asked whoever it is, so that a right password costs no query more than a wrong one.
    enrolled = Authenticator.objects.filter(user=user.id if user else hashing.NOBODY, confirmed=True).exists()
    begun = user and right and user.is_customer and not (enrolled or user.enrolled_at)
    return user if begun else None


def limit_network(request: HttpRequest, user: User | None) -> None:
    """Stop one network's guessing over many users before anything is hashed (ASVS 5, 6.3.1). Raises TooManyTries.

    A whole sign-in gives back its own count only; a right password alone gives back nothing, or counting what is left
    would check leaked passwords without any code. A browser that the user signed in with before is let through:
    strangers behind the same address must not keep the owner out.
    """
    tries = rates.count(SIGN_IN, visitors.network(request), seconds=NETWORK_SECONDS)
    if tries > settings.SIGN_IN_TRIES_PER_NETWORK and not known_browsers.is_known(request, user):
        raise TooManyTries


def _password_is_right(request: HttpRequest, user: User | None, email: str, password: str) -> bool:
    """Known or not, right or wrong: the same statements, one hash and one line written, at the same pace."""
    subject = known_browsers.subject(request, user) if user else rates.pseudonym("email", emails.normalise(email))
    event: events.Kind | None = events.Kind.SIGN_IN_REFUSED
    right = False
    try:
        if user is None:
            with attempts.attempt(subject, Kind.PASSWORD):
                hashing.burn()
                raise WrongSecret
        # It ends no run of failures yet: that could be counted, and would tell that it was right.
        attempts.prove(user, Kind.PASSWORD, password, subject=subject, counts=False)
        event, right = None, True
    except SecretLocked as lock:
        if not lock.tried:
            hashing.burn()
        event = events.Kind.LOCKED if lock.tried else None
    except WrongSecret:
        pass
    events.record_or_not(request, user, event, asked=user)
    return right


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
    asked = User.objects.filter(pk=waiting.user or hashing.NOBODY, is_active=True).first()
    # Not where a secret was changed in the meantime.
    user = asked if asked and waiting.right and asked.session_stamp.hex == waiting.stamp else None
    event: events.Kind | None = None
    try:
        device = second_factor(request, user, code) if user else _try_in_vain(request, asked, waiting, code)
    except SecretLocked as lock:
        if not lock.tried:
            _burn(code)
        event = events.Kind.LOCKED if lock.tried else events.Kind.SIGN_IN_REFUSED
        raise WrongSecret from None
    except WrongSecret:
        event = events.Kind.SIGN_IN_REFUSED
        raise
    finally:
        events.record_or_not(request, user, event, asked=asked)
    assert user is not None
    prove_whole(request, user)
    enter(request, user, device)
    return user


def prove_whole(request: HttpRequest, user: User) -> None:
    """Both factors were right: what was counted of this sign-in was no guess."""
    rates.give_back(SIGN_IN, visitors.network(request))
    attempts.end_run(known_browsers.subject(request, user), Kind.PASSWORD)


def _try_in_vain(request: HttpRequest, asked: User | None, waiting: Pending, code: str) -> NoReturn:
    """The statements and the work of a wrong code after a right password, so that nothing tells whether it was right.

    Always raises WrongSecret or SecretLocked.
    """
    device = Authenticator.objects.filter(user_id=asked.id if asked else hashing.NOBODY, confirmed=True).first()
    kind = _kind_of(code)
    if asked:
        known_browsers.subject(request, asked)
    with attempts.attempt(rates.pseudonym("code", waiting.subject), kind):
        if kind == "recovery":
            recovery_codes.redeem_nobodys()
        elif device:
            totp.matching_step(device.seed, code)
        else:
            totp.burn(code)
        raise WrongSecret


def _burn(code: str) -> None:
    """Takes the time of the hash that a locked try did not compute."""
    if _kind_of(code) == "recovery":
        recovery_codes.redeem_nobodys()
    else:
        totp.burn(code)


def second_factor(request: HttpRequest, user: User, code: str, *, subject: UUID | None = None) -> Authenticator | None:
    """Check a code and use it up: the authenticator's, a recovery code, or what enrols staff, who have no device yet.

    The try counts on this browser's counter, or on `subject`. Returns the authenticator, None after an enrolment
    code. Raises WrongSecret, CodeUsed or SecretLocked.
    """
    device = Authenticator.objects.filter(user_id=user.id, confirmed=True).first()
    kind = _kind_of(code)
    with attempts.attempt(subject or known_browsers.subject(request, user), kind):
        if kind == "totp" and device is not None:
            device.spend(code)
        elif kind == "totp":
            totp.burn(code)
            raise WrongSecret
        elif device is not None:
            recovery_codes.redeem_recovery(user, code, noted=lambda: note_recovery(request, user))
        else:
            recovery_codes.redeem_enrolment(user, code)
    return device


def note_recovery(request: HttpRequest, user: User) -> None:
    events.record(request, user, events.Kind.RECOVERY_USED)
    telling.tell(user, telling.News.RECOVERY_USED)


def _kind_of(code: str) -> str:
    return "totp" if totp.is_code(code) else "recovery"


def enter(request: HttpRequest, user: User, device: Authenticator | None) -> None:
    """Sign in under a new session and a new key (ASVS 5, 7.2.4). Without a device, only set-up is open."""
    is_news = device is not None and not known_browsers.is_known(request, user)
    with kept_forms.carried(request, user):
        request.session.flush()
        login(request, user, backend=BACKEND)
    if device is not None:
        otp_login(request, device)
    with transaction.atomic():
        events.record(request, user, events.Kind.SIGNED_IN)
        if is_news:
            telling.tell(user, telling.News.NEW_BROWSER, device=user_agents.device_name(visitors.agent(request)))


def landing_page(user: User, next_page: str = "") -> str:
    """Where a signed-in user goes: the missing step of set-up, where they wanted to go, or their first page."""
    step = user.missing_step()
    if step:
        return reverse(step)
    return next_page or reverse("admin:index" if user.is_staff else settings.LOGIN_REDIRECT_URL)
