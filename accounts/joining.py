"""Opening an account: a mailed link proves the mailbox, then name, handle and password make the customer."""

from django.conf import settings
from django.db import IntegrityError, transaction
from django.http import HttpRequest
from django.utils import timezone
from django_otp import login as otp_login

from accounts import attempts, bank_names, codes, events, handles, links, requests, tally, totp
from accounts.errors import AccountsError, ChangedMeanwhile
from accounts.models import Authenticator, MailedToken, User

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
            links.spend(invitation)
            user.save()
            begin_authenticator(user)
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
    asked = tally.count(BY_INVITATION, invitation.email, seconds=HOUR)
    from_network = tally.count(BY_NETWORK, requests.network(request), seconds=HOUR)
    if asked > HANDLES_BY_INVITATION or from_network > HANDLES_BY_NETWORK:
        raise TooManyHandles


def handle_was_free(request: HttpRequest, invitation: MailedToken) -> None:
    """Take back what `ask_for_handle` counted: who opens an account was not asking around."""
    tally.give_back(BY_INVITATION, invitation.email)
    tally.give_back(BY_NETWORK, requests.network(request))


@transaction.atomic
def begin_authenticator(user: User) -> Authenticator:
    """A new unconfirmed authenticator in the place of one that was begun before; of two at once, the later one's."""
    User.objects.select_for_update(of=("self",), no_key=True).get(pk=user.pk)
    user.authenticators.filter(confirmed=False).delete()
    device = Authenticator(user=user, name="authenticator", confirmed=False)
    device.seal(totp.new_seed())
    device.save()
    return device


def prove_authenticator(device: Authenticator, code: str) -> None:
    """The code proves that the app holds the seed. Raises WrongSecret, CodeUsed or SecretLocked."""
    with attempts.attempt(device.public_id, "totp"):
        device.spend(code)


def confirm_authenticator(request: HttpRequest, user: User, device: Authenticator) -> None:
    """The proven device becomes the user's only one, the session verified. Inside the caller's transaction.

    Raises ChangedMeanwhile when another window began a newer one: the user must never be left without any.
    """
    user.authenticators.filter(confirmed=True).exclude(pk=device.pk).delete()
    if not user.authenticators.filter(pk=device.pk, confirmed=False).update(confirmed=True):
        raise ChangedMeanwhile
    User.objects.filter(pk=user.pk, enrolled_at=None).update(enrolled_at=timezone.now())
    device.confirmed = True
    otp_login(request, device)
    request.session.cycle_key()
    events.record(request, user, events.Kind.AUTHENTICATOR_SET)


@transaction.atomic
def enrol(request: HttpRequest, user: User, device: Authenticator) -> None:
    """The first authenticator, proven. Raises ChangedMeanwhile."""
    User.objects.select_for_update(of=("self",), no_key=True).get(pk=user.pk)
    confirm_authenticator(request, user, device)


@transaction.atomic
def has_saved(request: HttpRequest, user: User, name: str) -> bool:
    """Note that the user keeps the set of recovery codes of that name. False when newer codes have replaced it."""
    User.objects.select_for_update(of=("self",), no_key=True).get(pk=user.pk)
    if name and name != codes.current_set(user):
        return False
    user.recovery_saved_at = timezone.now()
    user.save(update_fields=["recovery_saved_at"])
    events.record(request, user, events.Kind.RECOVERY_ISSUED)
    return True


def _which(conflict: IntegrityError) -> Exception:
    diagnosis = getattr(conflict.__cause__, "diag", None)
    constraint: str = getattr(diagnosis, "constraint_name", None) or ""
    if "handle" in constraint:
        return HandleTaken()
    if "email" in constraint:
        return EmailTaken()
    return conflict
