"""The form that every form of this site is made from."""

from typing import Any

from django import forms
from django.core.exceptions import ImproperlyConfigured
from django.http import QueryDict

from inputs.fields import Bounded


class OneValueEach(forms.Form):
    """Refuses a field that came twice: which of the two was meant is not ours to guess (ASVS 5, 15.3.7).

    Raises ImproperlyConfigured for a field of text without a maximum: see `inputs.fields`.
    """

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        if endless := [name for name, field in self.fields.items() if not is_bounded(field)]:
            raise ImproperlyConfigured(f"{type(self).__name__} takes text of any length in {', '.join(endless)}.")

    def clean(self) -> None:
        super().clean()
        for name in self.fields:
            if isinstance(self.data, QueryDict) and len(self.data.getlist(self.add_prefix(name))) > 1:
                self.add_error(name, "This was sent more than once. Enter it again.")


def is_bounded(field: forms.Field) -> bool:
    """A tick is either there or not, however it is spelt."""
    return isinstance(field, Bounded | forms.BooleanField)
