"""What is to be changed, and the password and a code again."""

from typing import Any

from accounts.credentials.fields import NewPasswordField, check_password_policy, current_password_field
from accounts.credentials.forms import AnyCodeForm
from accounts.entry.setting_up.forms import PinsForm
from accounts.models import User


class ConfirmedForm(AnyCodeForm):
    """Asks for the password and a code again, after the fields of the change itself (ASVS 5, 7.5.1)."""

    current_password = current_password_field("Current password")

    field_order = ("password", "view_pin", "payment_pin", "current_password", "code")

    def __init__(self, *args: Any, user: User, **options: Any) -> None:
        super().__init__(*args, **options)
        self.user = user


class NewPasswordForm(ConfirmedForm):
    password = NewPasswordField(label="New password")

    def clean(self) -> None:
        super().clean()
        check_password_policy(self, self.user)


class NewPinsForm(PinsForm, ConfirmedForm):
    """Both PINs anew, confirmed."""
