"""Opening an account: a mailed link proves the mailbox, then name, handle and password make the customer."""

from django.conf import settings
from django.db import IntegrityError, transaction
from django.http import HttpRequest

from accounts.entry import mailed_links
from accounts.entry.setting_up import set_up
from accounts.errors import AccountsError
from accounts.guard import rates
from accounts.models import MailedToken, User
from accounts.people import bank_names, handles
from web import visitors

BY_INVITATION, BY_NETWORK = "handles_invitation", "handles_network"
HOUR = 3600  # seconds
# Handles that may be asked for in an hour.
HANDLES_BY_INVITATION, HANDLES_BY_NETWORK = 20, 60


class HandleTaken(AccountsError):
    """Somebody has this handle, or one that looks like it."""


class TooManyHandles(AccountsError):
    """So many handles were asked for by this invitation, or from this network, that no more are looked up for now."""


class EmailTaken(AccountsError):
    """Somebody opened an account with this email in the meantime."""


def join(*, invitation: MailedToken, full_name: str, handle: str, password: str) -> User:
    """A new customer, their authenticator waiting to be confirmed. Raises links.TokenSpent, HandleTaken or EmailTaken.

    Whatever it raises, nothing is written: the link stays good for another try.
    """
    if User.objects.filter(handle_skeleton=handles.skeleton(handle)).exists():
        raise HandleTaken  # before the password is hashed; the constraint decides between two at once
    user = User(email=invitation.email, full_name=full_name, handle=handle)
    if reason := what_to_look_at(full_name, handle):
        user.ask_for_review(reason)
    user.set_password(password)  # outside the transaction: a quarter of a second
    try:
        with transaction.atomic():
            mailed_links.spend(invitation)
            user.save()
            set_up.begin_authenticator(user)
    except IntegrityError as conflict:
        raise _which(conflict) from conflict
    return user


def what_to_look_at(full_name: str, handle: str) -> str:
    """Which of the two staff should look at, "" for neither: what might be the bank's is not refused."""
    if bank_names.of_name(full_name, settings.SITE_NAME) is bank_names.Verdict.MIGHT:
        return User.NameReview.NAME
    if bank_names.of_handle(handle, settings.SITE_NAME) is bank_names.Verdict.MIGHT:
        return User.NameReview.HANDLE
    return ""


def ask_for_handle(request: HttpRequest, invitation: MailedToken) -> None:
    """Count one more question whether a handle is free. Raises TooManyHandles.

    The answer tells who is a customer, and whoever can get mail can have an invitation. It counts on the mailbox, so
    that a new link gives no new questions, and on the network, which may have many mailboxes.
    """
    asked = rates.count(BY_INVITATION, invitation.email, seconds=HOUR)
    from_network = rates.count(BY_NETWORK, visitors.network(request), seconds=HOUR)
    if asked > HANDLES_BY_INVITATION or from_network > HANDLES_BY_NETWORK:
        raise TooManyHandles


def handle_was_free(request: HttpRequest, invitation: MailedToken) -> None:
    """Take back what `ask_for_handle` counted: who opens an account was not asking around."""
    rates.give_back(BY_INVITATION, invitation.email)
    rates.give_back(BY_NETWORK, visitors.network(request))


def _which(conflict: IntegrityError) -> Exception:
    diagnosis = getattr(conflict.__cause__, "diag", None)
    constraint: str = getattr(diagnosis, "constraint_name", None) or ""
    if "handle" in constraint:
        return HandleTaken()
    if "email" in constraint:
        return EmailTaken()
    return conflict
