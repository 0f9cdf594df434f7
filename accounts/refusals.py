"""What a wrong secret leads to, wherever one is asked for: a sentence beside the field, a line in the security log."""

from django.forms import Form
from django.http import HttpRequest
from django.utils import timezone

from accounts import events
from accounts.errors import AccountsError, ChangedMeanwhile, CodeUsed, SecretLocked
from accounts.models import User

CODE_USED = "This code was already used. Wait for the next one in your app, up to 30 seconds."
CHANGED_MEANWHILE = "This was changed in another window meanwhile, and nothing was changed here. Load the page again."


def refuse(
    request: HttpRequest,
    user: User,
    form: Form,
    refusal: AccountsError,
    *,
    field: str | None,
    wrong: str,
    tries: str = "tries",
) -> None:
    """`wrong` is the sentence for a wrong secret, `tries` names what was tried.

    A try refused because of an existing lock is not logged.
    """
    if isinstance(refusal, CodeUsed):
        form.add_error("code", CODE_USED)
    elif isinstance(refusal, ChangedMeanwhile):
        form.add_error(None, CHANGED_MEANWHILE)
    elif isinstance(refusal, SecretLocked):
        if refusal.tried:
            events.record(request, user, events.Kind.LOCKED)
        form.add_error(field, locked(refusal, tries))
    else:
        events.record(request, user, events.Kind.SECRET_REFUSED)
        form.add_error(field, wrong)


def locked(lock: SecretLocked, tries: str = "tries") -> str:
    """Until when nothing is read, as people say it: in how long, and at what time."""
    seconds = (lock.until - timezone.now()).total_seconds()
    return (
        f"Too many wrong {tries}. For your safety you can try again at {timezone.localtime(lock.until):%H:%M %Z},"
        f" {wait(seconds)}, not before."
    )


def wait(seconds: float) -> str:
    """A wait in seconds as "in 1 minute", "in 15 minutes", "in 4 hours": rounded up, so that it has passed by then."""
    minutes = max(1, -(-int(seconds) // 60))
    if minutes < 60:
        return f"in {minutes} minute{'' if minutes == 1 else 's'}"
    hours = -(-minutes // 60)
    return f"in {hours} hour{'' if hours == 1 else 's'}"
