"""Who a new customer is, and the password they will sign in with."""

from typing import Any

from accounts.credentials.fields import NewPasswordField, check_password_policy
from accounts.models import User
from accounts.people.fields import FullNameField, HandleField
from inputs.forms import OneValueEach


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
