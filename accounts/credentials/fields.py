"""Form fields for passwords and PINs. None ever goes back into a page."""

from typing import Any

from django import forms
from django.contrib.auth import password_validation
from django.core.exceptions import ValidationError

from accounts.credentials import pin_policy
from accounts.credentials.widgets import PinInput, SecretInput
from accounts.models import User
from inputs import fields

PASSWORD_MOST = 1024
LOGIN_PASSWORD_MOST = 4096  # no one is told by a length check that a password cannot be right


class NewPasswordField(fields.TextField):
    """A password to be. Any Unicode, spaces too; 12 to 1,024 characters (NIST SP 800-63B, 5.1.1.2; ASVS 5, 6.2)."""

    def __init__(self, **options: Any) -> None:
        super().__init__(
            label=options.pop("label", "Password"),
            strip=False,
            longest=PASSWORD_MOST,
            help_text="At least 12 characters. A few words that only you would put together work well.",
            widget=SecretInput("new-password"),
            error_messages={
                "required": "Enter a password.",
                "too_long": "Enter a password of at most %(most)s characters: this has %(length)s.",
            },
            **options,
        )


def check_password_policy(form: forms.Form, user: User) -> None:
    """Put what is wrong with form's password beside its field."""
    password = form.cleaned_data.get("password")
    if password is None:
        return
    try:
        password_validation.validate_password(password, user)
    except ValidationError as refusal:
        form.add_error("password", refusal)


def current_password_field(label: str = "Password") -> fields.TextField:
    return fields.TextField(
        label=label,
        strip=False,
        longest=LOGIN_PASSWORD_MOST,
        widget=SecretInput("current-password"),
        error_messages={
            "required": f"Enter your {label.lower()}.",
            "too_long": f"Enter your {label.lower()}: this is %(length)s long.",
        },
    )


class NewPinField(fields.DigitsField):
    def __init__(self, *, digits: int, **options: Any) -> None:
        super().__init__(digits=digits, widget=PinInput(), **options)
        words = {4: "four", 6: "six"}[digits]
        self.error_messages["digits"] = self.error_messages["too_long"] = f"Enter exactly {words} digits, 0 to 9."

    def clean(self, value: Any) -> str:
        pin: str = super().clean(value)
        if pin_policy.is_trivial(pin):
            raise ValidationError("A thief would try this PIN among the first. Choose another one.", code="easy")
        return pin


class PinField(fields.DigitsField):
    """Exactly so many digits. What cannot be a PIN is refused here and costs no attempt."""

    def __init__(self, *, digits: int, **kwargs: Any) -> None:
        kwargs.setdefault("widget", PinInput())
        super().__init__(digits=digits, **kwargs)
        self.error_messages["required"] = f"Enter the {digits} digits of your PIN."
        self.error_messages["digits"] = self.error_messages["too_long"] = f"Your PIN is {digits} digits, 0 to 9."
