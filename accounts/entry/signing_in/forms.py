"""Email and password."""

from typing import Any

from accounts.credentials.fields import current_password_field
from accounts.entry.forms import EmailForm


class LoginForm(EmailForm):
    password = current_password_field()

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["email"].widget.attrs["autocomplete"] = "username"
