"""Browsers that signed in before (OWASP: device cookies).

Wrong tries from a browser that a user has signed in with count on a counter of that browser's own. So a stranger who
guesses at somebody's password locks out strangers only: the owner still gets in where they got in before, and from
anywhere else with a mailed link. The cookie opens nothing by itself. It ends with the secrets it was given for: a
changed password, PIN or authenticator makes every browser unknown but the one where that was done.
"""

import hashlib
import hmac
import secrets as random
from uuid import UUID

from django.conf import settings
from django.core import signing
from django.http import HttpRequest, HttpResponseBase

from accounts.guard import rates
from accounts.models import User

COOKIE = f"{settings.COOKIE_PREFIX}device"
SALT = "accounts.devices"
YEAR = 365 * 24 * 60 * 60  # seconds
MOST_USERS = 5  # of one browser; the latest are kept


def subject(request: HttpRequest, user: User) -> UUID:
    """On whose counter this browser's tries at the user's secrets go."""
    nonce = _nonce(_known(request), user)
    return rates.pseudonym("device", str(user.id), nonce) if nonce else user.id


def has_passes(request: HttpRequest) -> bool:
    """Whether anybody at all has signed in with this browser, as far as it says."""
    return COOKIE in request.COOKIES


def is_known(request: HttpRequest, user: User | None) -> bool:
    return user is not None and _nonce(_known(request), user) is not None


def pass_for(user: User, nonce: str) -> str:
    """What the browser keeps for a user: its secret, and by a digest until which change of theirs it is good."""
    return f"{nonce}.{hashlib.sha256(f'{nonce}.{user.session_stamp.hex}'.encode()).hexdigest()}"


def remember(request: HttpRequest, response: HttpResponseBase, user: User) -> None:
    """Note in the browser that this user has signed in with it, or has just changed a secret with it."""
    known = _known(request)
    nonce = _nonce(known, user) or random.token_urlsafe(16)
    known.pop(str(user.id), None)
    latest = [*known.items(), (str(user.id), pass_for(user, nonce))][-MOST_USERS:]
    response.set_cookie(
        COOKIE,
        signing.dumps(dict(latest), salt=SALT),
        max_age=YEAR,
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )


def _nonce(known: dict[str, str], user: User) -> str | None:
    """The browser's secret for this user; None if it has none, or one from before the last change of theirs."""
    kept = known.get(str(user.id), "")
    nonce = kept.partition(".")[0]
    return nonce if hmac.compare_digest(kept, pass_for(user, nonce)) else None


def _known(request: HttpRequest) -> dict[str, str]:
    """The browser's pass for each user, by user id. Empty for a cookie that we have not signed."""
    try:
        known: dict[str, str] = signing.loads(request.COOKIES.get(COOKIE, ""), salt=SALT, max_age=YEAR)
    except signing.BadSignature:
        return {}
    return known
