"""What a wrong PIN, or a wrong code beside it, leads to: a word beside the fields, and a line in the security log."""

from django.http import HttpRequest

from accounts import attempts, events, refusals
from accounts.errors import SecretLocked, WrongSecret
from accounts.models import User
from payments.forms import PinAndCodeForm, PinForm


def refuse(request: HttpRequest, user: User, form: PinForm, refusal: WrongSecret | SecretLocked) -> None:
    """Says that it was wrong and how many tries are left, or in how long one is read. One turned away is not logged.

    Beside a code not even the log says which of the two it was, and neither do the tries left: both count each.
    """
    with_code = isinstance(form, PinAndCodeForm)
    if not isinstance(refusal, SecretLocked):
        events.record(request, user, events.Kind.APPROVAL_REFUSED if with_code else events.Kind.PIN_REFUSED)
        form.refuse(refusals.with_tries_left(form.wrong, attempts.tries_left(user.id, *form.kinds)))
        return
    if refusal.tried:
        events.record(request, user, events.Kind.LOCKED)
    form.refuse(refusals.locked(refusal.until, "tries" if with_code else "PINs"))
