"""Inputs for secrets, and what password managers have to be told about them."""

from typing import Any

from django import forms

# A shown password is text for a moment, and some browsers send text away to be checked for spelling.
UNCHECKED = {"spellcheck": "false", "autocapitalize": "none", "autocorrect": "off"}
# Extensions that look at all fields, not only at masked ones: 1Password, Bitwarden, Dashlane, LastPass, Proton Pass.
LEFT_ALONE = {
    "data-1p-ignore": True,
    "data-bwignore": True,
    "data-form-type": "other",
    "data-lpignore": "true",
    "data-protonpass-ignore": "true",
}


class PinInput(forms.TextInput):
    """A PIN: masked by the stylesheet as it is typed, never sent back, and no password to whatever keeps those.

    Browsers take every `type="password"` for the login's and offer to save the PIN over it, whatever `autocomplete`
    says (docs/adr/0038-pins-are-masked-text.md). What is no password field they neither save nor fill.
    """

    def __init__(self) -> None:
        digits = {"inputmode": "numeric", "pattern": "[0-9]*"}
        masked = {"autocomplete": "off", "class": "input--code input--masked"}
        super().__init__({**masked, **digits, **UNCHECKED, **LEFT_ALONE})

    def format_value(self, value: object) -> None:
        return None


class SecretInput(forms.PasswordInput):
    """The login's password. `autocomplete` says which: "current-password" or "new-password"."""

    def __init__(self, autocomplete: str) -> None:
        super().__init__({"autocomplete": autocomplete, **UNCHECKED})


# The keys that a phone shows for it. What has letters can still be pasted, or typed on a keyboard.
DIGITS = {"autocomplete": "one-time-code", "inputmode": "numeric", "pattern": "[0-9]*", "class": "input--code"}
LETTERS = {**UNCHECKED, "autocomplete": "off", "autocapitalize": "characters", "class": "input--code"}


class CodeInput(forms.TextInput):
    """Readable while it is typed, and like every secret never sent back."""

    def format_value(self, value: Any) -> None:
        return None


class OneTimeCodeInput(forms.PasswordInput):
    """In clear, for it is worthless in a minute, but like a password never put back into the page."""

    input_type = "text"
