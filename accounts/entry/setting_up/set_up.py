"""The first authenticator, its proof, and the recovery codes kept: what makes a new user's set-up."""

from django.db import transaction
from django.http import HttpRequest
from django.utils import timezone
from django_otp import login as otp_login

from accounts import events
from accounts.credentials import recovery_codes, totp
from accounts.errors import ChangedMeanwhile
from accounts.guard import attempts
from accounts.models import Authenticator, User


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
    if name and name != recovery_codes.current_set(user):
        return False
    user.recovery_saved_at = timezone.now()
    user.save(update_fields=["recovery_saved_at"])
    events.record(request, user, events.Kind.RECOVERY_ISSUED)
    return True
