"""Which session to end."""

from typing import Any

from django import forms
from django.db.models import QuerySet

from accounts.credentials.fields import current_password_field
from accounts.models import Session
from inputs import fields
from inputs.forms import OneValueEach

ALL_OTHERS = "others"


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
