"""Plain forms: what a code or a PIN may look like. Nothing here counts; the views ask whether it is right."""

from typing import Any

from django.core.exceptions import ValidationError

from accounts.credentials import totp
from accounts.credentials.fields import PinField
from accounts.credentials.hashing import Kind
from accounts.credentials.recovery_codes import is_code as is_recovery_code
from accounts.credentials.widgets import DIGITS, LETTERS, CodeInput
from accounts.models import SecurityEvent
from inputs import fields
from inputs.forms import OneValueEach


class CodeForm(OneValueEach):
    """A code of the authenticator only."""

    code = fields.CodeField(
        label="Code",
        help_text="The six digits that your authenticator app shows now.",
        widget=CodeInput(DIGITS),
        error_messages={"required": "Enter the code."},
    )

    def clean_code(self) -> str:
        code: str = self.cleaned_data["code"]
        if not totp.is_code(code):
            raise ValidationError("Enter the six digits, 0 to 9.", code="digits")
        return code


class AnyCodeForm(CodeForm):
    """A code of the authenticator, or a recovery code; for staff at their first sign-in, the enrolment code.

    It takes either, however it is shown: `recovery` is for whoever said that it will be one with letters.
    """

    def __init__(self, *args: Any, recovery: bool = False, **options: Any) -> None:
        super().__init__(*args, **options)
        self.recovery = recovery
        if recovery:
            field = self.fields["code"]
            field.label = "Recovery code"
            field.help_text = "One of the ten that you saved, with or without its hyphens. Each works once."
            field.error_messages["required"] = "Enter a recovery code."
            field.widget = CodeInput(LETTERS)

    def clean_code(self) -> str:
        code: str = self.cleaned_data["code"]
        if totp.is_code(code) or is_recovery_code(code):
            return code
        raise ValidationError(
            "Enter the six digits from your app, or a recovery code like 7F3K-9Q2M-0XTN-5C8D.", code="form"
        )


class PinForm(OneValueEach):
    """Asks for one PIN: see accounts.guard.refusals.refuse_pin for what a wrong one leads to."""

    wrong = "This is not the right PIN. Check it and try again."
    kinds: tuple[str, ...]  # of the tries that it counts
    refused_as = SecurityEvent.Kind.PIN_REFUSED
    tries = "PINs"  # what was tried

    def refuse(self, message: str) -> None:
        """Say beside what was typed that it was not accepted."""
        self.add_error("pin", message)


class ViewPinForm(PinForm):
    kinds = (Kind.VIEW_PIN,)
    pin = PinField(label="View PIN", digits=4)
