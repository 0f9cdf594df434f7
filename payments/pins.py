"""What a wrong PIN, or a wrong code beside it, leads to: a word beside the fields, and a line in the security log."""

from django.http import HttpRequest

from accounts import events
from accounts.errors import SecretLocked, WrongSecret
from accounts.models import User
from accounts.refusals import locked
from payments.forms import PinAndCodeForm, PinForm


def refuse(request: HttpRequest, user: User, form: PinForm, refusal: WrongSecret | SecretLocked) -> None:
    """Nothing says more than that what was typed is wrong, or until when none is read. One turned away is not logged.

    Beside a code not even the log says which of the two it was.
    """
    with_code = isinstance(form, PinAndCodeForm)
    if not isinstance(refusal, SecretLocked):
        events.record(request, user, events.Kind.APPROVAL_REFUSED if with_code else events.Kind.PIN_REFUSED)
        form.refuse(form.wrong)
        return
    if refusal.tried:
        events.record(request, user, events.Kind.LOCKED)
    form.refuse(locked(refusal, "tries" if with_code else "PINs"))
