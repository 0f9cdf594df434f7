"""Form fields that look at the length of what came before anything else looks at it.

`longest` counts the characters as they arrive, before a pattern, a normaliser or a look-up meets them: what is longer
is refused with how long it was, and no field waits for `max_length`, which Django compares after and beside all other
validators. No field writes a `maxlength` into the page either: a browser would silently cut what is pasted.
"""

import re
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from inputs import text

EMAIL_MOST = 254  # RFC 5321, 4.5.3.1.3, less the angle brackets
CODE_LONGEST = 100  # a code of nineteen characters, with what a copy brings along
PIN_LONGEST = 50
SLACK = 4  # times the maximum: what is not seen is taken off first, and only then is counted


class Bounded(forms.Field):
    """Any field that takes text. `longest` is in characters, of what the browser sent."""

    longest: int
    default_error_messages = {"too_long": "Enter at most %(most)s characters: this has %(length)s."}

    def clean(self, value: Any) -> Any:
        if isinstance(value, str) and len(value) > self.longest:
            params = {"most": f"{self.most:,}", "length": f"{len(value):,}"}
            raise ValidationError(self.error_messages["too_long"], code="too_long", params=params)
        return super().clean(value)

    @property
    def most(self) -> int:
        """What a message calls the maximum."""
        return getattr(self, "max_length", None) or self.longest

    def widget_attrs(self, widget: forms.Widget) -> dict[str, Any]:
        attrs: dict[str, Any] = super().widget_attrs(widget)
        return {name: value for name, value in attrs.items() if name not in ("maxlength", "minlength")}


class TextField(Bounded, forms.CharField):
    """Text whose form has a rule of its own, such as a password. `longest` must be given."""

    def __init__(self, *, longest: int, **options: Any) -> None:
        super().__init__(**options)
        self.longest = longest


class LineField(Bounded, forms.CharField):
    """One line for others to read: composed (NFC), single spaces, at most `max_length` characters after that."""

    default_error_messages = {
        "max_length": "Enter at most %(limit_value)s characters: this has %(show_value)s.",
        "control": "Take out the invisible characters: this can only hold text.",
    }

    def __init__(self, *, max_length: int, **options: Any) -> None:
        super().__init__(max_length=max_length, **options)
        self.longest = SLACK * max_length

    def to_python(self, value: Any) -> str:
        return text.one_line(super().to_python(value) or "")

    def validate(self, value: Any) -> None:
        super().validate(value)
        if text.has_control(value):
            raise ValidationError(self.error_messages["control"], code="control")


class CodeField(Bounded, forms.CharField):
    """A code, grouped in whichever way. Cleans to letters and digits alone, if that is what it has."""

    longest = CODE_LONGEST
    default_error_messages = {"too_long": "Enter the code alone: this has %(length)s characters."}

    def to_python(self, value: Any) -> str:
        return text.secret(super().to_python(value) or "")


class DigitsField(Bounded, forms.CharField):
    """Exactly so many digits, grouped in whichever way. Cleans to ASCII digits."""

    longest = PIN_LONGEST
    default_error_messages = {"digits": "Enter %(digits)s digits, 0 to 9."}

    def __init__(self, *, digits: int, **options: Any) -> None:
        super().__init__(**options)
        self.digits = digits

    def to_python(self, value: Any) -> str:
        return text.secret(super().to_python(value) or "")

    def validate(self, value: Any) -> None:
        super().validate(value)
        if not re.fullmatch(f"[0-9]{{{self.digits}}}", value):
            raise ValidationError(self.error_messages["digits"], code="digits", params={"digits": self.digits})


class EmailField(Bounded, forms.EmailField):
    """An email address in any form in which one is copied. Cleans to lower case."""

    longest = SLACK * EMAIL_MOST
    default_error_messages = {
        "max_length": "Enter an email address of at most %(limit_value)s characters: this has %(show_value)s.",
        "control": "Take out the invisible characters: an email address has none.",
    }

    def __init__(self, **options: Any) -> None:
        super().__init__(max_length=EMAIL_MOST, **options)

    def to_python(self, value: Any) -> str:
        """Quoted names may hold control characters (RFC 5322), and Django lets them pass: nobody's address has one."""
        typed = super().to_python(value) or ""
        if text.has_control(typed):
            raise ValidationError(self.error_messages["control"], code="control")
        return text.email(typed)


class ChoiceField(Bounded, forms.ChoiceField):
    """One of a few. What is longer than any choice could be is not compared with them."""

    longest = 100
    default_error_messages = {"invalid_choice": "Choose one of these."}

    def clean(self, value: Any) -> Any:
        if isinstance(value, str) and len(value) > self.longest:
            raise ValidationError(self.error_messages["invalid_choice"], code="invalid_choice")
        return super().clean(value)
