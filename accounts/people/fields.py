"""Form fields for who somebody is. None has a `maxlength` in the page: a browser cuts what is pasted without a word."""

from typing import Any

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError

from accounts.people import bank_names, emails, handles, names
from inputs import fields

NAME_LONGEST = 1000  # characters: the rest is for accounts.people.names to count and say
HANDLE_LONGEST = 100  # of 20 characters, with what a copy brings along


class FullNameField(fields.TextField):
    """Cleans to the name as it is stored: see accounts.people.names for what that may be."""

    def __init__(self, **options: Any) -> None:
        super().__init__(
            label="Full name",
            longest=NAME_LONGEST,
            help_text=f"The people you pay and who pay you see it. Up to {names.MOST} characters.",
            widget=forms.TextInput(attrs={"autocomplete": "name", "spellcheck": "false"}),
            error_messages={
                "required": "Enter your full name.",
                "too_long": f"Your name has %(length)s characters; at most {names.MOST} fit.",
            },
            **options,
        )

    def clean(self, value: Any) -> str:
        name = names.clean(super().clean(value))
        if bank_names.of_name(name, settings.SITE_NAME) is bank_names.Verdict.PASSES:
            raise ValidationError(
                "This name would be taken for the bank’s. Enter your own first and last name.", code="bank"
            )
        return name


class HandleField(fields.TextField):
    """Cleans to a well-formed handle that is not the bank's. Whether somebody has it is asked where it is written."""

    def __init__(self, **options: Any) -> None:
        super().__init__(
            label="@handle",
            longest=HANDLE_LONGEST,
            help_text="The short name others pay you by: 3 to 20 letters, digits and _, like @ada_l.",
            # No "username": one signs in by email, and that is what a password manager has to keep beside the password.
            widget=forms.TextInput(attrs={"autocomplete": "nickname", "spellcheck": "false", "autocapitalize": "none"}),
            error_messages={"required": "Choose a @handle."},
            **options,
        )

    def clean(self, value: Any) -> str:
        handle = handles.normalise(super().clean(value))
        if not handles.is_well_formed(handle):
            raise ValidationError(
                "Enter 3 to 20 characters: letters a to z, digits and _, beginning with a letter.", code="form"
            )
        if handles.is_reserved(handle, settings.SITE_NAME):
            raise ValidationError("This @handle is kept for the bank. Choose another one.", code="reserved")
        return handle


# Refusals that say more than that it is no address.
SPECIFIC = {"ascii", "domain", "required", "control", "max_length", "too_long"}


class MailAddressField(fields.EmailField):
    """Cleans to the address as it is stored, its domain in ASCII: both spellings of a mailbox are one."""

    default_validators = []  # emails.clean has them, once the domain is converted

    def __init__(self, **options: Any) -> None:
        super().__init__(
            label="Email address",
            widget=forms.EmailInput(attrs={"autocomplete": "email", "spellcheck": "false", "autocapitalize": "none"}),
            error_messages={
                "required": "Enter your email address.",
                "invalid": emails.INVALID,
            },
            **options,
        )

    def clean(self, value: Any) -> str:
        try:
            return emails.clean(super().clean(value))
        except ValidationError as refusal:
            if getattr(refusal, "code", "invalid") in SPECIFIC:
                raise
            raise ValidationError(emails.INVALID, code="invalid") from None
