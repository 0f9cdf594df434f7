"""Another name: what a customer asks for and a member of staff decides. Payees keep seeing the old one until then."""

from django.conf import settings
from django.db import IntegrityError, transaction
from django.http import HttpRequest
from django.utils import timezone

from accounts import events
from accounts.entry.changing.change import tell
from accounts.errors import AccountsError
from accounts.models import NameWish, User
from accounts.people import bank_names


class AlreadyAsked(AccountsError):
    """One name at a time: another one waits for the staff."""


class AlreadyDecided(AccountsError):
    """Somebody else decided first, or the customer took the wish back. Nothing was done."""


def ask(request: HttpRequest, user: User, full_name: str) -> None:
    """Raises AlreadyAsked; of two at once the database lets one in."""
    try:
        with transaction.atomic():
            NameWish.objects.create(user=user, former_name=user.full_name, full_name=full_name)
            events.record(request, user, events.Kind.NAME_ASKED)
    except IntegrityError as error:
        raise AlreadyAsked from error


def take_back(user: User) -> None:
    user.name_wishes.filter(decided_at=None).delete()


def accept(request: HttpRequest, wish: NameWish, *, actor: User) -> None:
    """The customer is called so from now on. Raises AlreadyDecided."""
    with transaction.atomic():
        _decide(wish, actor, accepted=True)
        # Whoever accepted it has looked at it; what was to be looked at in the @handle still is.
        reviewed = {"name_review": "", "name_review_at": None} if wish.user.name_review != "handle" else {}
        User.objects.filter(pk=wish.user_id).update(full_name=wish.full_name, **reviewed)
        events.record(request, wish.user, events.Kind.NAME_CHANGED, actor=actor)
        tell(wish.user, events.Kind.NAME_CHANGED)


def refuse(request: HttpRequest, wish: NameWish, *, actor: User, reason: str) -> None:
    """Raises AlreadyDecided."""
    with transaction.atomic():
        _decide(wish, actor, accepted=False, reason=reason)
        events.record(request, wish.user, events.Kind.NAME_REFUSED, actor=actor)
        tell(wish.user, events.Kind.NAME_REFUSED)


def might_be_the_banks(full_name: str) -> bool:
    return bank_names.of_name(full_name, settings.SITE_NAME) is not bank_names.Verdict.FINE


def _decide(wish: NameWish, actor: User, *, accepted: bool, reason: str = "") -> None:
    open_one = NameWish.objects.filter(pk=wish.pk, decided_at=None)
    if not open_one.update(accepted=accepted, decided_at=timezone.now(), decided_by=actor, reason=reason):
        raise AlreadyDecided
