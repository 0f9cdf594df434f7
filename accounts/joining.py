"""Opening an account: a mailed link proves the mailbox, then name, handle and password make the customer."""

from django.db import IntegrityError, transaction
from django.http import HttpRequest
from django.utils import timezone
from django_otp import login as otp_login

from accounts import attempts, events, links, totp
from accounts.errors import AccountsError, ChangedMeanwhile
from accounts.models import Authenticator, MailedToken, User


class HandleTaken(AccountsError):
    """Somebody has this handle, or one that looks like it."""


class EmailTaken(AccountsError):
    """Somebody opened an account with this email in the meantime."""


def join(*, invitation: MailedToken, full_name: str, handle: str, password: str) -> User:
    """A new customer, their authenticator waiting to be confirmed. Raises links.TokenSpent, HandleTaken or EmailTaken.

    Whatever it raises, nothing is written: the link stays good for another try.
    """
    user = User(email=invitation.email, full_name=full_name, handle=handle)
    user.set_password(password)  # outside the transaction: a quarter of a second
    try:
        with transaction.atomic():
            links.spend(invitation)
            user.save()
            begin_authenticator(user)
    except IntegrityError as conflict:
        raise _which(conflict) from conflict
    return user


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


def _which(conflict: IntegrityError) -> Exception:
    diagnosis = getattr(conflict.__cause__, "diag", None)
    constraint: str = getattr(diagnosis, "constraint_name", None) or ""
    if "handle" in constraint:
        return HandleTaken()
    if "email" in constraint:
        return EmailTaken()
    return conflict
