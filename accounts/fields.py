"""Form fields for who somebody is. None has a `maxlength` in the page: a browser cuts what is pasted without a word."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from accounts import emails


class MailAddressField(forms.EmailField):
    """Cleans to the address as it is stored, its domain in ASCII: both spellings of a mailbox are one."""

    default_validators = []  # emails.clean has them, once the domain is converted

    def __init__(self, **options: Any) -> None:
        super().__init__(
            label="Email address",
            max_length=emails.MOST_RAW,
            widget=forms.EmailInput(attrs={"autocomplete": "email", "spellcheck": "false", "autocapitalize": "none"}),
            error_messages={
                "required": "Enter your email address.",
                "invalid": emails.INVALID,
                "max_length": emails.INVALID,
            },
            **options,
        )

    def widget_attrs(self, widget: forms.Widget) -> dict[str, Any]:
        return {}

    def clean(self, value: Any) -> str:
        try:
            return emails.clean(super().clean(value))
        except ValidationError as refusal:
            if getattr(refusal, "code", "invalid") in {"ascii", "domain", "required"}:
                raise
            raise ValidationError(emails.INVALID, code="invalid") from None
