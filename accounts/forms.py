"""Plain forms: what a field may hold. Nothing here writes or counts; the views ask whether a secret is right."""

import re
import unicodedata
from typing import Any

from django import forms
from django.conf import settings
from django.contrib.auth import password_validation
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import QueryDict

from accounts import handles, pins, totp
from accounts.codes import is_code as is_recovery_code
from accounts.managers import normalise_email
from accounts.models import Session, User
from accounts.widgets import PinInput, SecretInput

PASSWORD_MOST = 1024
ALL_OTHERS = "others"
LOGIN_PASSWORD_MOST = 4096  # no one is told by a length check that a password cannot be right


def control_free(text: str) -> str:
    """Names are shown to others: no control characters, none that turn the direction of what follows."""
    if any(unicodedata.category(character) in {"Cc", "Cf", "Cs", "Co", "Cn"} for character in text):
        raise ValidationError("Enter a name without invisible characters.", code="invisible")
    return text


class OneValueEach(forms.Form):
    """Refuses a field that came twice: which of the two was meant is not ours to guess (ASVS 5, 15.3.7)."""

    def clean(self) -> None:
        super().clean()
        for name in self.fields:
            if isinstance(self.data, QueryDict) and len(self.data.getlist(self.add_prefix(name))) > 1:
                self.add_error(name, "This was sent more than once. Enter it again.")


class EmailForm(OneValueEach):
    email = forms.EmailField(
        label="Email address",
        max_length=254,
        widget=forms.EmailInput(attrs={"autocomplete": "email", "spellcheck": "false", "autocapitalize": "none"}),
        error_messages={
            "required": "Enter your email address.",
            "invalid": "Enter an email address like name@example.com.",
        },
    )

    def clean_email(self) -> str:
        email = normalise_email(self.cleaned_data["email"])
        if not email.isascii():  # look-alike letters would make two mailboxes look like one
            raise ValidationError("Enter an email address in the letters a to z, digits and signs.", code="ascii")
        return email


class PasswordField(forms.CharField):
    def widget_attrs(self, widget: forms.Widget) -> dict[str, str]:
        return {}  # no maxlength: a browser would silently cut what is pasted


class NewPasswordField(PasswordField):
    """A password to be. Any Unicode, spaces too; 12 to 1,024 characters (NIST SP 800-63B, 5.1.1.2; ASVS 5, 6.2)."""

    def __init__(self, **options: Any) -> None:
        super().__init__(
            label=options.pop("label", "Password"),
            strip=False,
            max_length=PASSWORD_MOST,
            help_text="At least 12 characters. A few words that only you would put together work well.",
            widget=SecretInput("new-password"),
            error_messages={
                "required": "Enter a password.",
                "max_length": "Enter a password of at most 1,024 characters.",
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
    full_name = forms.CharField(
        label="Full name",
        max_length=100,
        help_text="The people you pay and who pay you see it.",
        widget=forms.TextInput(attrs={"autocomplete": "name", "spellcheck": "false"}),
        error_messages={"required": "Enter your full name."},
    )
    handle = forms.CharField(
        label="@handle",
        help_text="The short name others pay you by: 3 to 20 letters, digits and _, like @ada_l.",
        widget=forms.TextInput(attrs={"autocomplete": "username", "spellcheck": "false", "autocapitalize": "none"}),
        error_messages={"required": "Choose a @handle."},
    )
    password = NewPasswordField()

    def __init__(self, *args: Any, email: str, **options: Any) -> None:
        super().__init__(*args, **options)
        # Not "username": one signs in by email, and that is what a password manager has to keep beside the password.
        self.fields["handle"].widget.attrs["autocomplete"] = "nickname"
        self.email = email

    def clean_full_name(self) -> str:
        name = control_free(" ".join(unicodedata.normalize("NFC", self.cleaned_data["full_name"]).split()))
        if not any(character.isalpha() for character in name):
            raise ValidationError("Enter your name with letters.", code="letters")
        if handles.mixes_scripts(name):
            raise ValidationError("Write each word of your name in one alphabet.", code="mixed")
        if handles.passes_for_the_bank(name, settings.SITE_NAME):
            raise ValidationError("This name could be taken for the bank’s. Enter your own full name.", code="bank")
        return name

    def clean_handle(self) -> str:
        handle = handles.normalise(self.cleaned_data["handle"])
        if not handles.is_well_formed(handle):
            raise ValidationError(
                "Enter 3 to 20 characters: letters a to z, digits and _, beginning with a letter.", code="form"
            )
        if handles.is_reserved(handle, settings.SITE_NAME):
            raise ValidationError("This @handle is kept for the bank. Choose another one.", code="reserved")
        if User.objects.filter(handle_skeleton=handles.skeleton(handle)).exists():
            raise handle_taken()
        return handle

    def clean(self) -> None:
        super().clean()
        data = self.cleaned_data
        user = User(email=self.email, full_name=data.get("full_name", ""), handle=data.get("handle", ""))
        check_password_policy(self, user)


def handle_taken() -> ValidationError:
    return ValidationError(
        "This @handle, or one that looks like it, belongs to somebody. Choose another one.", code="taken"
    )


def current_password_field(label: str = "Password") -> PasswordField:
    return PasswordField(
        label=label,
        strip=False,
        max_length=LOGIN_PASSWORD_MOST,
        widget=SecretInput("current-password"),
        error_messages=dict.fromkeys(("required", "max_length"), f"Enter your {label.lower()}."),
    )


class LoginForm(EmailForm):
    password = current_password_field()

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["email"].widget.attrs["autocomplete"] = "username"


class CodeInput(forms.TextInput):
    """Readable while it is typed, and like every secret never sent back."""

    def format_value(self, value: Any) -> None:
        return None


class CodeForm(OneValueEach):
    """A code of the authenticator only."""

    code = forms.CharField(
        label="Code",
        help_text="The six digits that your authenticator app shows now.",
        widget=CodeInput(attrs={"autocomplete": "one-time-code", "inputmode": "numeric", "class": "input--code"}),
        error_messages={"required": "Enter the code."},
    )

    def clean_code(self) -> str:
        code: str = self.cleaned_data["code"].replace(" ", "")
        if not totp.is_code(code):
            raise ValidationError("Enter the six digits, 0 to 9.", code="digits")
        return code


class AnyCodeForm(CodeForm):
    """A code of the authenticator, or a recovery code; for staff at their first sign-in, the enrolment code."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        field = self.fields["code"]
        field.help_text = "The six digits that your authenticator app shows now, or one of your recovery codes."
        field.widget.attrs.pop("inputmode", None)  # recovery codes have letters

    def clean_code(self) -> str:
        code: str = self.cleaned_data["code"]
        digits = code.replace(" ", "")
        if totp.is_code(digits):
            return digits
        if is_recovery_code(code):
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

    session = forms.ChoiceField(
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
        assert isinstance(field, forms.ChoiceField)
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


class NewPinField(forms.CharField):
    def __init__(self, *, digits: int, **options: Any) -> None:
        super().__init__(widget=PinInput(), **options)
        self.digits = digits

    def clean(self, value: Any) -> str:
        pin: str = super().clean(value)
        words = {4: "four", 6: "six"}[self.digits]
        if not re.fullmatch(f"[0-9]{{{self.digits}}}", pin):
            raise ValidationError(f"Enter exactly {words} digits, 0 to 9.", code="digits")
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
