"""What a PIN that is not right leads to: a word beside the field, and a line in the security log."""

from django.forms import Form
from django.http import HttpRequest
from django.utils import timezone

from accounts import events
from accounts.errors import SecretLocked, WrongSecret
from accounts.models import User


def refuse(request: HttpRequest, user: User, form: Form, refusal: WrongSecret | SecretLocked) -> None:
    """Nothing in it says more than that the PIN is wrong, or until when none is read. One turned away is not logged."""
    if not isinstance(refusal, SecretLocked):
        events.record(request, user, events.Kind.PIN_REFUSED)
        form.add_error("pin", "This is not the right PIN. Check it and try again.")
        return
    if refusal.tried:
        events.record(request, user, events.Kind.LOCKED)
    until = timezone.localtime(refusal.until)
    form.add_error("pin", f"Too many wrong PINs. For your safety you can try again at {until:%H:%M %Z}, not before.")
