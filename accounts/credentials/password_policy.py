"""Which passwords are refused, apart from short ones (ASVS 5, 6.2.4 and 6.2.11; NIST SP 800-63B, 5.1.1.2).

A pattern is no secret however long it is, and neither are the words of one's own name.

Nearly all leaked passwords are shorter than our least length, so a list of them alone would refuse next to nothing.
People lengthen them: "password1234", "Summer2024!!", "qwertyqwerty". So the core is looked up: lower case, digits that
stand for letters read as letters, what is put in front or behind taken off, repetitions folded.
"""

import re
import unicodedata

from django.conf import settings
from django.contrib.auth.password_validation import CommonPasswordValidator
from django.core.exceptions import ValidationError

from accounts.credentials.predictability import surprises, weight
from accounts.models import User

# Words of this place that a guesser would try first (ASVS 5, 6.1.2); the site's name is among them.
CONTEXT = ("wallet", "bank", "banking", "money", "payment", "payments", "balance", "ledger", "demo", "euro", "account")
LEET = str.maketrans("01345@$!7", "oleasasit")
LEAST_CORE = 4
LEAST_OWN = 8
LONGEST = 4096  # characters looked at: compatibility forms of one letter may be eighteen
JUDGED = 1024  # characters: normalising may make many of one
LEAST_DIFFERENT = 5  # characters
LEAST_SURPRISES = 7
LEAST_WORD = 4  # letters of a name, below which it is part of too many other words
WORD = re.compile(r"[^\W\d_]+")
HUMP = re.compile(r"(?<=[a-z])(?=[A-Z])")


class PatternValidator:
    """Refuses what needs no guessing after its first characters: "aaaaaaaaaaaa", "abcabcabcabc", rows of keys."""

    def validate(self, password: str, user: User | None = None) -> None:
        text = unicodedata.normalize("NFKC", password).casefold()[:JUDGED]
        joined = "".join(filter(str.isalnum, text))  # what stands between words adds nothing to them
        judged = joined if len(joined) * 2 >= len(text) else text
        different = sum(weight(character) for character in set(text))
        if different < LEAST_DIFFERENT or surprises(judged) < LEAST_SURPRISES:
            raise ValidationError(
                "This is a pattern, such as a repetition, a row of keys or counting, which guessers try first."
                " Choose words that do not follow from each other.",
                code="pattern",
            )

    def get_help_text(self) -> str:
        return "Your password can’t be a pattern."


class OwnWordsValidator:
    """Refuses words of one's name, @handle and email address. Whole words only: letters in common are no likeness."""

    def validate(self, password: str, user: User | None = None) -> None:
        if user is None:
            return
        spaced = HUMP.sub(" ", unicodedata.normalize("NFKC", password)[:LONGEST])
        used = {word for text in (spaced, spaced.translate(LEET)) for word in words(text)} & own_words(user)
        if used:
            raise ValidationError(
                "This contains “%(word)s”, from your name, @handle or email address. Leave it out.",
                code="own",
                params={"word": max(used, key=len)},
            )

    def get_help_text(self) -> str:
        return "Your password can’t contain words of your name, @handle or email address."


def own_words(user: User) -> set[str]:
    """What somebody goes by, word by word and all words together."""
    mailbox, _, domain = user.email.partition("@")
    found = set(words(domain.rpartition(".")[0]))
    for text in (user.full_name, user.handle or "", mailbox):
        found |= {*words(text), "".join(words(text))}
    return {word for word in found if len(word) >= LEAST_WORD}


def words(text: str) -> list[str]:
    return WORD.findall(unicodedata.normalize("NFKC", text).casefold())


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
