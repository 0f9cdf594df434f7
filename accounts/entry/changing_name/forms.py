from typing import Any

from accounts.models import User
from accounts.people.fields import FullNameField
from inputs.forms import OneValueEach


class NewNameForm(OneValueEach):
    full_name = FullNameField()

    def __init__(self, *args: Any, user: User, **options: Any) -> None:
        super().__init__(*args, **options)
        self.user = user

    def clean_full_name(self) -> str:
        name: str = self.cleaned_data["full_name"]
        if name == self.user.full_name:
            self.add_error("full_name", "This is your name already. Enter another one.")
        return name
