"""What a wrong secret leads to, wherever one is asked for: a sentence beside the field, a line in the security log."""

from collections.abc import Callable
from datetime import datetime, timedelta
from uuid import UUID

from django.forms import Form
from django.http import HttpRequest
from django.utils import timezone

from accounts import events
from accounts.credentials.forms import PinForm
from accounts.errors import AccountsError, ChangedMeanwhile, CodeUsed, SecretLocked, WrongSecret
from accounts.guard import attempts
from accounts.models import User
from web.moments import clock

MINUTE = timedelta(minutes=1)
CONFIRM_WRONG = "Your password or the code is not right."
CODE_USED = "This code was already used. Wait for the next one in your app, up to 30 seconds."
CHANGED_MEANWHILE = "This was changed in another window meanwhile, and nothing was changed here. Load the page again."
WRONG_NEW_CODE = "This code is not right. Check that your phone’s clock is set automatically."


def refuse(
    request: HttpRequest,
    user: User,
    form: Form,
    refusal: AccountsError,
    *,
    field: str | None,
    wrong: str,
    tries: str = "tries",
    guard: tuple[UUID, str] | None = None,
) -> None:
    """`wrong` is the sentence for a wrong secret, `tries` names what was tried. `guard` is whose tries at what are
    counted, where the page may say how many are left.

    A try refused because of an existing lock is not logged.
    """
    if isinstance(refusal, CodeUsed):
        form.add_error("code", CODE_USED)
    elif isinstance(refusal, ChangedMeanwhile):
        form.add_error(None, CHANGED_MEANWHILE)
    elif isinstance(refusal, SecretLocked):
        if refusal.tried:
            events.locked(request, user, "password or code")
        form.add_error(field, locked(refusal.until, tries))
    else:
        events.record(request, user, events.Kind.SECRET_REFUSED)
        form.add_error(field, with_tries_left(wrong, attempts.tries_left(*guard) if guard else None))


def is_proved(
    request: HttpRequest,
    user: User,
    form: Form,
    prove: Callable[[], object],
    *,
    field: str | None = None,
    wrong: str = CONFIRM_WRONG,
    guard: tuple[UUID, str] | None = None,
) -> bool:
    """Run the proof, or the change itself; a refusal becomes the form's error, at the field or above all.

    `guard` is whose tries at what are counted, where the page may say how many are left.
    """
    try:
        prove()
    except (CodeUsed, SecretLocked, WrongSecret, ChangedMeanwhile) as refusal:
        refuse(request, user, form, refusal, field=field, wrong=wrong, guard=guard)
    return form.is_valid()


def refuse_pin(request: HttpRequest, user: User, form: PinForm, refusal: WrongSecret | SecretLocked) -> None:
    """Says that it was wrong and how many tries are left, or in how long one is read. A try
    refused because of an existing lock is not logged.

    Beside a code not even the log says which of the two it was, and neither do the tries left: both count each.
    """
    if not isinstance(refusal, SecretLocked):
        events.record(request, user, form.refused_as)
        form.refuse(with_tries_left(form.wrong, attempts.tries_left(user.id, *form.kinds)))
        return
    if refusal.tried:
        events.locked(request, user, "PIN" if len(form.kinds) == 1 else "PIN and code")
    form.refuse(locked(refusal.until, form.tries))


def locked(until: datetime, what: str = "tries") -> str:
    """One wording for every lock: "Too many wrong tries. … you can try again in 1 minute, at 14:40 UTC."."""
    return f"Too many wrong {what}. For your safety you can try again {in_words(until)}, at {clock(until)}."


def in_words(until: datetime) -> str:
    """ "in 1 minute", "in 4 hours and 12 minutes"; rounded up, so that whoever waits as long has waited enough."""
    minutes = max(1, -((timezone.now() - until) // MINUTE))
    hours, rest = divmod(minutes, 60)
    parts = [counted(hours, "hour"), counted(rest, "minute")]
    return "in " + " and ".join(filter(None, parts))


def with_tries_left(text: str, left: int | None) -> str:
    """The text, and "2 tries left." behind it where that is known and not nothing."""
    return f"{text} {counted(left, 'try', 'tries')} left." if left and left > 0 else text


def counted(number: int, one: str, many: str = "") -> str:
    """Empty for none."""
    return f"{number} {one if number == 1 else many or one + 's'}" if number else ""
