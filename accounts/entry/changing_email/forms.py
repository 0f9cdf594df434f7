"""Which address it will be, with password and code; and the answer in either mailbox."""

from typing import Any

from accounts.entry.changing.forms import ConfirmedForm
from accounts.people.fields import MailAddressField
from inputs.fields import ChoiceField
from inputs.forms import OneValueEach

CONFIRM, STOP = "confirm", "stop"


class NewEmailForm(ConfirmedForm):
    email = MailAddressField()
    field_order = ("email", *ConfirmedForm.field_order)  # type: ignore[assignment]

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["email"].label = "New email address"

    def clean_email(self) -> str:
        email: str = self.cleaned_data["email"]
        if email == self.user.email:
            self.add_error("email", "This is your email address already. Enter another one.")
        return email


class AnswerForm(OneValueEach):
    answer = ChoiceField(choices=[(CONFIRM, ""), (STOP, "")])
