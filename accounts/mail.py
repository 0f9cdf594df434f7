"""Mails to a user or to somebody who may become one. In demo mode the page shows what was sent."""

import hashlib
import secrets as random
from datetime import timedelta

from django.conf import settings
from django.core.mail import send_mail
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone

from accounts import requests, tally
from accounts.models import MailedToken, User

Purpose = MailedToken.Purpose

VALID_MINUTES = {Purpose.JOIN: 60, Purpose.PASSWORD: 15}
HOUR = 3600  # seconds
MAILS_TO_ONE = 5  # an hour
MAILS_FROM_ONE = 30  # an hour, from one address
DEMO_MAIL = "demo_mail"


def may_send(request: HttpRequest, email: str) -> bool:
    """Whether this mailbox, and this visitor, have not had too many mails in the last hour. Counts this one."""
    to_one = tally.count("mail_to", email, seconds=HOUR)
    from_one = tally.count("mail_from", requests.address(request), seconds=HOUR)
    return to_one <= MAILS_TO_ONE and from_one <= MAILS_FROM_ONE


def send(request: HttpRequest, email: str, name: str, context: dict[str, object]) -> None:
    """Send accounts/mail/<name>.txt, whose first line is the subject. Raises OSError when the server is away."""
    text = render_to_string(f"accounts/mail/{name}.txt", {"site_name": settings.SITE_NAME, **context})
    subject, _, body = text.strip().partition("\n")
    if settings.DEMO:
        shown = {"to": email, "subject": subject, "body": body.strip(), "link": context.get("link")}
        request.session[DEMO_MAIL] = shown
    send_mail(subject, body.strip() + "\n", None, [email])


def new_link(request: HttpRequest, purpose: Purpose, email: str, user: User | None = None) -> str:
    """A single-use link, valid as long as VALID_MINUTES says. Its 256 random bits make a plain digest enough."""
    token = random.token_urlsafe(32)
    MailedToken.objects.create(
        purpose=purpose,
        email=email,
        user=user,
        digest=digest(token),
        expires_at=timezone.now() + timedelta(minutes=VALID_MINUTES[purpose]),
    )
    names = {Purpose.JOIN: "accounts:join", Purpose.PASSWORD: "accounts:reset"}
    return request.build_absolute_uri(reverse(names[purpose], args=[token]))


def page(request: HttpRequest, name: str) -> str:
    """The address of a page, as it stands in a mail."""
    return request.build_absolute_uri(reverse(name))


def find(purpose: Purpose, token: str) -> MailedToken | None:
    """The link's row if it is still good."""
    return MailedToken.objects.filter(
        purpose=purpose, digest=digest(token), used_at=None, expires_at__gt=timezone.now()
    ).first()


def digest(token: str) -> str:
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()
