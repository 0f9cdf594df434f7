"""A new password by a mailed link."""

from typing import Any

from accounts.credentials.fields import NewPasswordField, check_password_policy
from accounts.credentials.forms import AnyCodeForm
from accounts.models import User


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
