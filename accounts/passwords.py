"""What a password may not be, beside too short (ASVS 5, 6.2.4 and 6.2.11; NIST SP 800-63B, 5.1.1.2).

Nearly all leaked passwords are shorter than our least length, so a list of them alone would refuse next to nothing.
People lengthen them: "password1234", "Summer2024!!", "qwertyqwerty". So the core is looked up: lower case, digits that
stand for letters read as letters, what is put in front or behind taken off, repetitions folded.
"""

import re

from django.conf import settings
from django.contrib.auth.password_validation import CommonPasswordValidator
from django.core.exceptions import ValidationError

from accounts.models import User

# Words of this place that a guesser would try first (ASVS 5, 6.1.2); the site's name is among them.
CONTEXT = ("wallet", "bank", "banking", "money", "payment", "payments", "balance", "ledger", "demo", "euro", "account")
LEET = str.maketrans("01345@$!7", "oleasasit")
LEAST_CORE = 4
LEAST_OWN = 8


class GuessableValidator(CommonPasswordValidator):
    """Refuses common passwords that were only lengthened, and the words of this place with little around them."""

    def validate(self, password: str, user: User | None = None) -> None:
        lowered = password.lower()
        if any(core in self.passwords for core in cores(lowered)):
            raise ValidationError(
                "This is a common password made longer, which guessers try first. Choose another one.", code="guessable"
            )
        rest = lowered
        for word in (settings.SITE_NAME.lower(), *sorted(CONTEXT, key=len, reverse=True)):
            rest = rest.replace(word, "")
        if len(rest) < LEAST_OWN and rest != lowered:
            raise ValidationError(
                "This is little more than words about this place. Choose another one.", code="context"
            )

    def get_help_text(self) -> str:
        return "Your password can’t be a common one made longer."


def cores(lowered: str) -> set[str]:
    """What is left of a password without what people add: "p4ssword2024!" has the core "password"."""
    found = set()
    for text in (lowered, lowered.translate(LEET)):
        for trimmed in (text, text.strip("0123456789"), re.sub(r"^[\W\d_]+|[\W\d_]+$", "", text)):
            found |= {trimmed, fold(trimmed)}
    return {core for core in found if len(core) >= LEAST_CORE}


def fold(text: str) -> str:
    """The part that repeats: "abcabc" is "abc" twice. A text that is no repetition comes back as it is."""
    size = (text + text).find(text, 1)
    return text[:size] if text else text
