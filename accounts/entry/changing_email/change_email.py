"""Another email: asked for with password and code, and changed once the links in both mailboxes were opened.

Opening a page by its link changes nothing, for scanners of mail open every link: it takes the button there.
"""

import secrets as random
from datetime import timedelta
from uuid import uuid4

from django.db import IntegrityError, transaction
from django.db.models import F, Q, QuerySet
from django.db.models.functions import Coalesce
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone

from accounts import events, letters
from accounts.entry import mailed_links
from accounts.entry.changing.change import changing, settle, tell
from accounts.errors import AccountsError
from accounts.models import EmailChange, MailedToken, User
from accounts.people import emails
from web import regions
from web.addresses import absolute

HOURS = 24
OLD, NEW = "old", "new"  # the two mailboxes, and the columns of each


class Over(AccountsError):
    """The wish was fulfilled, stopped or replaced, its time is over, or a secret was changed since."""


def waiting() -> QuerySet[EmailChange]:
    return EmailChange.objects.filter(ended_at=None, expires_at__gt=timezone.now()).select_related("user")


def ask(request: HttpRequest, user: User, email: str) -> tuple[EmailChange, dict[str, str]]:
    """A wish in place of any before it, and the links for both mailboxes. Raises ChangedMeanwhile."""
    tokens = {side: random.token_urlsafe(32) for side in (OLD, NEW)}
    digests = {f"{side}_digest": mailed_links.digest(token) for side, token in tokens.items()}
    with changing(user, user.session_stamp):
        user.email_changes.filter(ended_at=None).update(ended_at=timezone.now())
        change = EmailChange.objects.create(
            user=user, old_email=user.email, new_email=email, stamp=user.session_stamp,
            expires_at=timezone.now() + timedelta(hours=HOURS), **digests,
        )  # fmt: skip
        events.record(request, user, events.Kind.EMAIL_ASKED)
    return change, {side: absolute(reverse("accounts:email_link", args=[token])) for side, token in tokens.items()}


def tell_new(request: HttpRequest, change: EmailChange, link: str) -> None:
    """One letter, whether somebody has that address or not: it says so to its owner alone. Raises OSError.

    As many as anybody may have sent there: see `letters.may_send`.
    """
    is_taken = User.objects.filter(email=change.new_email).exists()
    texts: dict[str, dict[str, object]] = {
        "email_taken": {"link": letters.page("accounts:login")},
        "email_new": {"link": link, "hours": HOURS},
    }
    if letters.may_send(request, change.new_email):
        letters.send_one(request, change.new_email, "email_taken" if is_taken else "email_new", texts)


def tell_old(request: HttpRequest, change: EmailChange, link: str) -> None:
    """Raises OSError."""
    text: dict[str, object] = {"link": link, "hours": HOURS, "email": emails.shown(change.new_email)}
    with regions.of(change.user):
        letters.send(request, change.old_email, "email_old", text)


def opened(token: str) -> tuple[EmailChange, str] | None:
    """Which wish the link belongs to, and which mailbox it was sent to; None for a link that is no longer good."""
    digest = mailed_links.digest(token)
    change = waiting().filter(Q(old_digest=digest) | Q(new_digest=digest)).first()
    return (change, OLD if change.old_digest == digest else NEW) if change else None


def confirm(request: HttpRequest, change: EmailChange, side: str) -> bool:
    """The owner of this mailbox agrees; true when both have, and the email is another one from now on.

    Behind the user's row, so that of two at once one is the second. Raises Over, or ChangedMeanwhile.
    """
    column = f"{side}_opened_at"
    try:
        with changing(change.user, change.stamp):
            if not waiting().filter(pk=change.pk).update(**{column: Coalesce(F(column), timezone.now())}):
                raise Over
            both = waiting().filter(pk=change.pk, old_opened_at__isnull=False, new_opened_at__isnull=False)
            if not both.update(ended_at=timezone.now(), is_done=True):
                return False
            _change(request, change)
    except IntegrityError as taken:  # somebody opened a wallet with it meanwhile
        waiting().filter(pk=change.pk).update(ended_at=timezone.now())
        raise Over from taken
    return True


def _change(request: HttpRequest, change: EmailChange) -> None:
    """Every link mailed to either address is void, and every session ends but the one in which this was done."""
    user = request.user if request.user.pk == change.user_id else change.user
    assert isinstance(user, User)
    user.email, user.session_stamp = change.new_email, uuid4()
    if not User.objects.filter(pk=user.pk, email=change.old_email).update(
        email=user.email, session_stamp=user.session_stamp
    ):
        raise Over
    MailedToken.objects.filter(email__in=[change.old_email, change.new_email], used_at=None).update(
        used_at=timezone.now()
    )
    if user is request.user:
        settle(request, user, None)
    else:
        user.sessions.all().delete()
    events.record(request, user, events.Kind.EMAIL_CHANGED)
    for email in (change.old_email, change.new_email):
        tell(user, events.Kind.EMAIL_CHANGED, to=email)


def stop(request: HttpRequest, user: User) -> None:
    """Nothing comes of the wish that waits, if any does."""
    with transaction.atomic():
        if user.email_changes.filter(ended_at=None).update(ended_at=timezone.now()):
            events.record(request, user, events.Kind.EMAIL_STOPPED)
