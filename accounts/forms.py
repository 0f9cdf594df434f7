"""Plain forms: what a field may hold. Nothing here writes or counts; the views ask whether a secret is right."""

from typing import Any

from django import forms
from django.contrib.auth import password_validation
from django.core.exceptions import ValidationError
from django.db.models import QuerySet

from accounts import pins, totp
from accounts.codes import is_code as is_recovery_code
from accounts.fields import FullNameField, HandleField, MailAddressField
from accounts.models import Session, User
from accounts.widgets import UNCHECKED, PinInput, SecretInput
from inputs import fields
from inputs.forms import OneValueEach

PASSWORD_MOST = 1024
ALL_OTHERS = "others"
LOGIN_PASSWORD_MOST = 4096  # no one is told by a length check that a password cannot be right


class EmailForm(OneValueEach):
    email = MailAddressField()


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


class JoinForm(OneValueEach):
    full_name = FullNameField()
    handle = HandleField()
    password = NewPasswordField()

    def __init__(self, *args: Any, email: str, **options: Any) -> None:
        super().__init__(*args, **options)
        self.email = email

    def clean(self) -> None:
        super().clean()
        data = self.cleaned_data
        user = User(email=self.email, full_name=data.get("full_name", ""), handle=data.get("handle", ""))
        check_password_policy(self, user)


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


class LoginForm(EmailForm):
    password = current_password_field()

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["email"].widget.attrs["autocomplete"] = "username"


# The keys that a phone shows for it. What has letters can still be pasted, or typed on a keyboard.
DIGITS = {"autocomplete": "one-time-code", "inputmode": "numeric", "pattern": "[0-9]*", "class": "input--code"}
LETTERS = {**UNCHECKED, "autocomplete": "off", "autocapitalize": "characters", "class": "input--code"}


class CodeInput(forms.TextInput):
    """Readable while it is typed, and like every secret never sent back."""

    def format_value(self, value: Any) -> None:
        return None


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


class ConfirmedForm(AnyCodeForm):
    """Asks for the password and a code again, after the fields of the change itself (ASVS 5, 7.5.1)."""

    current_password = current_password_field("Current password")

    field_order = ("password", "view_pin", "payment_pin", "current_password", "code")

    def __init__(self, *args: Any, user: User, **options: Any) -> None:
        super().__init__(*args, **options)
        self.user = user


class EndSessionForm(OneValueEach):
    """Which session to end, and the password again (ASVS 5, 7.5.2). Cleans to the sessions."""

    session = fields.ChoiceField(
        label="End",
        widget=forms.RadioSelect,
        error_messages={
            "required": "Choose which session to end.",
            "invalid_choice": "This session has ended already.",
        },
    )
    current_password = current_password_field()

    def __init__(self, *args: Any, others: QuerySet[Session], **options: Any) -> None:
        super().__init__(*args, **options)
        self.others = others
        field = self.fields["session"]
        assert isinstance(field, fields.ChoiceField)
        each = [(str(session.pk), f"{session.device}, {session.address or 'address not known'}") for session in others]
        field.choices = [*each, (ALL_OTHERS, "All of them")]

    def clean_session(self) -> QuerySet[Session]:
        chosen = self.cleaned_data["session"]
        return self.others if chosen == ALL_OTHERS else self.others.filter(pk=chosen)


class NewPasswordForm(ConfirmedForm):
    password = NewPasswordField(label="New password")

    def clean(self) -> None:
        super().clean()
        check_password_policy(self, self.user)


class ResetForm(AnyCodeForm):
    """A new password by a mailed link. Without an authenticator (set-up was never finished) there is no code to ask."""

    password = NewPasswordField(label="New password")
    field_order = ("password", "code")

    def __init__(self, *args: Any, user: User, asks_code: bool, **options: Any) -> None:
        super().__init__(*args, **options)
        self.user = user
        if not asks_code:
            del self.fields["code"]

    def clean(self) -> None:
        super().clean()
        check_password_policy(self, self.user)


class NewPinField(fields.DigitsField):
    def __init__(self, *, digits: int, **options: Any) -> None:
        super().__init__(digits=digits, widget=PinInput(), **options)
        words = {4: "four", 6: "six"}[digits]
        self.error_messages["digits"] = self.error_messages["too_long"] = f"Enter exactly {words} digits, 0 to 9."

    def clean(self, value: Any) -> str:
        pin: str = super().clean(value)
        if pins.is_trivial(pin):
            raise ValidationError("A thief would try this PIN among the first. Choose another one.", code="easy")
        return pin


class PinsForm(OneValueEach):
    view_pin = NewPinField(
        digits=4,
        label="View PIN",
        help_text="Four digits. Shows your balance for two minutes.",
        error_messages={"required": "Choose a view PIN."},
    )
    payment_pin = NewPinField(
        digits=6,
        label="Payment PIN",
        help_text="Six digits. Sends money, so nobody should ever see you type it.",
        error_messages={"required": "Choose a payment PIN."},
    )

    def clean(self) -> None:
        super().clean()
        view, payment = self.cleaned_data.get("view_pin"), self.cleaned_data.get("payment_pin")
        if view and payment and view in payment:
            self.add_error("payment_pin", "Choose a payment PIN that does not contain your view PIN.")


class NewPinsForm(PinsForm, ConfirmedForm):
    """Both PINs anew, confirmed."""
