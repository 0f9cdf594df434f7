"""Form fields for what people type about a payment. Each refusal is a sentence of its own."""

from typing import Any

from django.core.exceptions import ValidationError

from inputs.fields import LineField


class NoteField(LineField):
    """One line for the payee to read. Characters in it that nobody sees may belong to a script or an emoji."""

    # Characters that reorder their neighbours could make a receipt read differently from what was written.
    REORDERING = frozenset("\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
    default_error_messages = {
        "too_long": "Shorten the note to %(most)s characters or fewer: it has %(length)s.",
        "max_length": "Shorten the note to %(limit_value)s characters or fewer: it has %(show_value)s.",
        "control": "Take out the invisible characters: the note can only hold text.",
    }

    def __init__(self, *, length: int, **kwargs: Any) -> None:
        super().__init__(max_length=length, required=False, **kwargs)

    def validate(self, value: str) -> None:
        super().validate(value)
        if not self.REORDERING.isdisjoint(value):
            raise ValidationError(self.error_messages["control"], code="control")
