"""Browsers that signed in before (OWASP: device cookies).

Wrong tries from a browser that a user has signed in with count on a counter of that browser's own. So a stranger who
guesses at somebody's password locks out strangers only: the owner still gets in where they got in before, and from
anywhere else with a mailed link. The cookie opens nothing by itself.
"""

import secrets as random
from uuid import UUID

from django.conf import settings
from django.core import signing
from django.http import HttpRequest, HttpResponseBase

from accounts import tally
from accounts.models import User

COOKIE = f"{settings.COOKIE_PREFIX}device"
SALT = "accounts.devices"
YEAR = 365 * 24 * 60 * 60  # seconds
MOST_USERS = 5  # of one browser; the latest are kept


def subject(request: HttpRequest, user: User) -> UUID:
    """On whose counter this browser's tries at the user's secrets go."""
    nonce = _known(request).get(str(user.id))
    return tally.pseudonym("device", str(user.id), nonce) if nonce else user.id


def is_known(request: HttpRequest, user: User | None) -> bool:
    return user is not None and str(user.id) in _known(request)


def remember(request: HttpRequest, response: HttpResponseBase, user: User) -> None:
    """Note in the browser that this user has signed in with it."""
    known = _known(request)
    nonce = known.pop(str(user.id), None) or random.token_urlsafe(16)
    latest = [*known.items(), (str(user.id), nonce)][-MOST_USERS:]
    response.set_cookie(
        COOKIE,
        signing.dumps(dict(latest), salt=SALT),
        max_age=YEAR,
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )


def _known(request: HttpRequest) -> dict[str, str]:
    """The browser's secret for each user, by user id. Empty for a cookie that we have not signed."""
    try:
        known: dict[str, str] = signing.loads(request.COOKIES.get(COOKIE, ""), salt=SALT, max_age=YEAR)
    except signing.BadSignature:
        return {}
    return known
