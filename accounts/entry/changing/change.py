"""Changing what proves who one is.

Each change asks for the password and a code again, ends every other session, goes into the security log, and in the
same transaction it is written down that the owner is to be told (ASVS 5, 7.4.3, 7.5.1 and 6.3.7).
"""

from collections.abc import Iterator
from contextlib import contextmanager
from uuid import UUID, uuid4

from django.contrib.auth import update_session_auth_hash
from django.db import transaction
from django.http import HttpRequest

from accounts import events, telling
from accounts.credentials import recovery_codes
from accounts.credentials.hashing import Kind
from accounts.entry import mailed_links
from accounts.entry.setting_up import set_up
from accounts.entry.signing_in import sign_in
from accounts.errors import ChangedMeanwhile
from accounts.guard import attempts, known_browsers
from accounts.models import Authenticator, Guard, SecurityEvent, User
from accounts.sessions import store

NEW_AUTHENTICATOR = "new_totp"
NEW_AUTHENTICATOR_SECONDS = 600


def confirm(request: HttpRequest, user: User, *, password: str, code: str) -> None:
    """Password and code, given again. Raises WrongSecret, CodeUsed or SecretLocked; the code is used up by then."""
    attempts.prove(user, Kind.PASSWORD, password, subject=known_browsers.subject(request, user))
    sign_in.second_factor(request, user, code)


@contextmanager
def changing(user: User, stamp: UUID) -> Iterator[None]:
    """The one transaction of a change, behind the user's row. Raises ChangedMeanwhile, and then nothing was changed.

    What was proven for the change was proven against the secrets that the request found, so their stamp must still be
    the user's. New secrets are hashed before, outside of it.
    """
    with transaction.atomic():
        rows = User.objects.select_for_update(of=("self",), no_key=True)
        if not rows.filter(pk=user.pk, is_active=True, session_stamp=stamp).exists():
            raise ChangedMeanwhile
        yield


def change_password(request: HttpRequest, user: User, password: str) -> None:
    """Raises ChangedMeanwhile."""
    stamp = user.session_stamp
    user.set_password(password)
    with changing(user, stamp):
        user.save(update_fields=["password", "session_stamp"])
        mailed_links.void(user)
        settle(request, user, events.Kind.PASSWORD_CHANGED)


def change_pins(request: HttpRequest, user: User, *, view: str, payment: str) -> None:
    """Raises ChangedMeanwhile."""
    stamp = user.session_stamp
    user.set_pins(view=view, payment=payment)
    user.session_stamp = uuid4()
    with changing(user, stamp):
        user.save(update_fields=["view_pin", "payment_pin", "session_stamp"])
        Guard.objects.filter(subject=user.id, kind__in=[Kind.VIEW_PIN, Kind.PAYMENT_PIN]).delete()  # of the old ones
        settle(request, user, events.Kind.PINS_CHANGED)


def change_recovery_codes(request: HttpRequest, user: User) -> list[str]:
    """Ten new ones, to be shown once. Raises ChangedMeanwhile."""
    with changing(user, user.session_stamp):
        shown = recovery_codes.issue_recovery(user)
        request.session.cycle_key()
        events.record(request, user, events.Kind.RECOVERY_ISSUED)
        tell(user, events.Kind.RECOVERY_ISSUED)
    return shown


def change_authenticator(request: HttpRequest, user: User, device: Authenticator, code: str) -> None:
    """The new device takes the old one's place. Raises WrongSecret, CodeUsed, SecretLocked or ChangedMeanwhile."""
    set_up.prove_authenticator(device, code)
    with changing(user, user.session_stamp):
        set_up.confirm_authenticator(request, user, device)
        user.session_stamp = uuid4()
        user.save(update_fields=["session_stamp"])
        settle(request, user, None)
        tell(user, events.Kind.AUTHENTICATOR_SET)


def settle(request: HttpRequest, user: User, event: SecurityEvent.Kind | None) -> None:
    """Keep this session, under a new key, and end all others; log it and tell the owner."""
    update_session_auth_hash(request, user)
    user.sessions.exclude(session_key=store.digest(request.session.session_key or "")).delete()
    if event:
        events.record(request, user, event)
        tell(user, event)


def tell(user: User, event: SecurityEvent.Kind, **data: str) -> None:
    """In the transaction of the change: whoever changes a secret cannot keep its owner from hearing of it."""
    telling.tell(user, telling.News.SECRET_CHANGED, what=str(event.label), **data)
