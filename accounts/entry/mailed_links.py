"""Single-use links in mails. The token is in the mail only: here is its digest, and after the first visit the row's id
in the visitor's session, so that the token leaves the address (ASVS 5, 14.2.1).
"""

import hashlib
import secrets as random
from datetime import timedelta
from uuid import UUID

from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone

from accounts.errors import AccountsError
from accounts.models import MailedToken, User
from web.addresses import absolute

Purpose = MailedToken.Purpose

VALID_MINUTES = {Purpose.JOIN: 60, Purpose.PASSWORD: 15}
PAGES = {Purpose.JOIN: "accounts:join", Purpose.PASSWORD: "accounts:reset"}
NO_ID = UUID(int=0)


class TokenSpent(AccountsError):
    """The mailed link was used, or its time is over."""


def new(purpose: Purpose, email: str) -> str:
    """The address of a link, good for as long as VALID_MINUTES says. 256 random bits make a plain digest enough."""
    token = random.token_urlsafe(32)
    ends = timezone.now() + timedelta(minutes=VALID_MINUTES[purpose])
    MailedToken.objects.create(purpose=purpose, email=email, digest=digest(token), expires_at=ends)
    return absolute(reverse(PAGES[purpose], args=[token]))


def keep(request: HttpRequest, purpose: Purpose, token: str) -> bool:
    """Note in the session which link was opened. False for one that is no longer good."""
    link = good(purpose).filter(digest=digest(token)).first()
    if link is None:
        return False
    request.session[f"{purpose}_link"] = str(link.id)
    return True


def kept(request: HttpRequest, purpose: Purpose) -> MailedToken | None:
    """The link that was opened in this session, while it is good."""
    return good(purpose).filter(pk=request.session.get(f"{purpose}_link", NO_ID)).first()


def owner(link: MailedToken) -> User | None:
    """Whose password it changes; None when nobody has that email."""
    return User.objects.filter(email=link.email, is_active=True).first()


def spend(link: MailedToken) -> None:
    """Use the link up. Raises TokenSpent; of two at once, one wins."""
    if not good(link.purpose).filter(pk=link.pk).update(used_at=timezone.now()):
        raise TokenSpent


def void(user: User) -> None:
    """Once the password has changed, no link that was mailed before to change it opens any more."""
    good(Purpose.PASSWORD).filter(email=user.email).update(used_at=timezone.now())


def good(purpose: str) -> QuerySet[MailedToken]:
    return MailedToken.objects.filter(purpose=purpose, used_at=None, expires_at__gt=timezone.now())


def digest(token: str) -> str:
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()
