"""Full names: as people are called, in every script in use, and nothing that deceives the eye (UTS #39, UAX #31).

What might be the bank's name is accepted and looked at by staff: see accounts.people.bank_names.
"""

import unicodedata
from itertools import pairwise

import regex
from django.core.exceptions import ValidationError
from idna.core import valid_contextj

from accounts.people import scripts

# Code points after NFC, as the column counts. A vowel sign or an accent that has no letter of its own counts as one.
MOST = 100
# Before NFC, which may make one character of four. Longer texts are not looked at.
MOST_RAW = 4 * MOST

NON_JOINER, JOINER = "\u200c", "\u200d"
# A joiner keeps ra in shape before the virama in Bengali and Kannada: র‍্য (the Unicode Standard, 12.2 and 12.8).
RA_BEFORE_VIRAMA = {("\u09b0", "\u09cd"), ("\u0cb0", "\u0ccd")}
# Keyboards of these put a non-joiner also where there is nothing to part.
NON_JOINER_SCRIPTS = "Arab Beng Deva Gujr Guru Knda Mlym Orya Sinh Syrc Taml Telu"
WITH_NON_JOINERS = frozenset(NON_JOINER_SCRIPTS.split())
# Characters that keyboards give for another one, and old ones that Unicode keeps for single letters.
PLAIN = {"\u2010": "-", "\u2011": "-", "\u2013": "-", "`": "'", "\u00b4": "'", "\u2032": "'"} | {
    old: unicodedata.normalize("NFKC", old) for old in "ĲĳĿŀŉſǄǅǆǇǈǉǊǋǌǱǲǳ"
}
# O'Brien, d’Arc, ʻOkina, Jean-Luc, Jr., Gal·la, マリー・キュリー, and the like in Hebrew, Armenian, Amharic and
# Tibetan; "s/o" and "A/L" stand in names of Singapore and Malaysia, "&" in those of shops.
SIGNS = frozenset(" '’‘ʻʼʽʾʿ-.,·・/&־׳״՚፡་")
MOST_SIGNS = 2  # in a row
# Latin letters of today's languages: phonetic ones, small capitals and click letters, which pass for others, are not.
LATIN = regex.compile("[A-Za-zÀ-ÖØ-öø-ÿĀ-\u024fḀ-ỿɓɔɖɗǝəɛɠɣɩɨɯɲɵʃʈʊʋʒʌʉ]", flags=regex.V0)
NO_LETTERS_OF_TODAY = frozenset("ƄƅƍƛƦƧƨƪƫƻƼƽƾƿǀǁǂǃǷ")
HISTORIC = regex.compile(
    "[\u0370-\u0373\u0376\u0377\u037b-\u037d\u037f\u03cf-\u03ff\u0460-\u0481\u1100-\u11ff"
    "\ua640-\ua69f\ua960-\ua97f\ud7b0-\ud7ff]"
)
# Whole letters whose compatibility form is in two parts: ำ, ຳ, ໜ and ໝ.
WHOLE = frozenset("\u0e33\u0eb3\u0edc\u0edd")
TATWEEL = "\u0640"
# Accents of names in Latin, Greek and Cyrillic letters. Strokes through a letter, rings and lines around it are not.
ACCENTS = frozenset(map(chr, (*range(0x300, 0x305), *range(0x306, 0x30E), 0x30F, 0x311, 0x313, 0x314, 0x31B,
                              *range(0x323, 0x329), 0x32D, 0x32E, 0x330, 0x331, 0x342, 0x345, 0x358)))  # fmt: skip
ACCENTS_BLOCK = range(0x300, 0x370)
# Marks above and below one letter: UTS #39, 5.4 says four at most; fewer where no language needs as many.
MOST_MARKS = 4
MARKS = {"Latn": 2, "Grek": 2, "Cyrl": 2, "Thai": 2, "Arab": 3, "Hebr": 3}
MOST_WITH_SPACING = 6
INVISIBLE = regex.compile(r"[\p{Default_Ignorable_Code_Point}\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Cn}\p{Zl}\p{Zp}\u2800]")
MARKED = regex.compile(r"(.?)(\p{M}+)")
SIGNS_IN_A_ROW = regex.compile(f"[{regex.escape(''.join(SIGNS - {' '}))}]{{{MOST_SIGNS + 1},}}")
SHOWN = "“{}”"


def clean(text: str) -> str:
    """The name as it is stored: NFC, single spaces, plain hyphens. Raises ValidationError that says what to change."""
    name = " ".join(text.split())
    if len(name) > MOST_RAW:
        raise ValidationError(
            f"Your name is far longer than the {MOST} characters that fit. Shorten it.", code="too_long"
        )
    name = _without_idle_joiners(_plain(name))
    if len(name) > MOST:
        raise ValidationError(f"Your name has {len(name)} characters; at most {MOST} fit. Shorten it.", code="too_long")
    for place, character in enumerate(name):
        _check_character(name, place, character)
    if not any(character.isalpha() and character not in SIGNS for character in name):
        raise ValidationError("Enter your name with letters.", code="letters")
    _check_marks(name)
    _check_words(name)
    return name


def _plain(name: str) -> str:
    composed = unicodedata.normalize("NFC", name)
    return unicodedata.normalize("NFC", "".join(PLAIN.get(character, character) for character in composed))


def _without_idle_joiners(name: str) -> str:
    """The name without non-joiners that change nothing: after a letter that joins nothing, before a whole one."""
    return "".join(
        character for place, character in enumerate(name) if character != NON_JOINER or not _is_idle(name, place)
    )


def _is_idle(name: str, place: int) -> bool:
    before, after = name[place - 1 : place], name[place + 1 : place + 2]
    return (
        bool(before)
        and not WITH_NON_JOINERS.isdisjoint(scripts.of(before))
        and (after == " " or not after or unicodedata.category(after)[0] == "L")
        and not valid_contextj(name, place)
    )


def _check_character(name: str, place: int, character: str) -> None:
    if character in SIGNS or (character.isascii() and character.isdigit()):
        return
    if character in {NON_JOINER, JOINER}:
        if not _joins(name, place):
            raise _invisible(character)
    elif INVISIBLE.match(character):
        raise _invisible(character)
    elif (kind := unicodedata.category(character)[0]) == "L":
        _check_letter(character)
    elif kind == "M":
        _check_mark(character)
    elif kind == "N":
        raise ValidationError(f"Write {SHOWN.format(character)} in letters or the digits 0 to 9.", code="digits")
    else:
        raise ValidationError(
            f"A name can’t have the sign {SHOWN.format(character)}. Use letters, spaces, hyphens, apostrophes and full"
            " stops.",
            code="sign",
        )


def _invisible(character: str) -> ValidationError:
    return ValidationError(
        f"Your name holds an invisible character (U+{ord(character):04X}). Delete it, or type the name anew.",
        code="invisible",
    )


def _joins(name: str, place: int) -> bool:
    """Whether a joiner stands where a language needs it (RFC 5892, A.1 and A.2)."""
    before, after = name[place - 1 : place], name[place + 1 : place + 2]
    if after and unicodedata.category(after)[0] == "M":
        return name[place] == JOINER and (before, after) in RA_BEFORE_VIRAMA
    return before.isprintable() and valid_contextj(name, place)


def _check_letter(letter: str) -> None:
    is_plain = letter in WHOLE or unicodedata.normalize("NFKC", letter) == letter
    if "Latn" in scripts.of(letter):
        is_plain = is_plain and LATIN.match(letter) is not None and letter not in NO_LETTERS_OF_TODAY
    if not is_plain or letter == TATWEEL or HISTORIC.match(letter):
        raise ValidationError(
            f"{SHOWN.format(letter)} is a letter in a special form. Enter your name in plain letters.", code="special"
        )
    if not scripts.of(letter):
        raise ValidationError(
            f"Many devices can’t show {SHOWN.format(letter)}. Enter your name in a script in use today.", code="script"
        )


def _check_mark(mark: str) -> None:
    is_accent = ord(mark) in ACCENTS_BLOCK
    if unicodedata.category(mark) == "Me" or (mark not in ACCENTS if is_accent else not scripts.of(mark)):
        raise ValidationError(
            f"Your name has a mark that no name is written with (U+{ord(mark):04X}). Enter it in plain letters.",
            code="mark",
        )


def _check_marks(name: str) -> None:
    """Marks stand on letters, few on one, none twice in a row (UTS #39, 5.4)."""
    for found in MARKED.finditer(name):
        base, marks = found[1], found[2]
        if not base.isalpha() and base != JOINER:
            raise ValidationError("An accent stands alone in your name. Put it on a letter.", code="alone")
        unspaced = [mark for mark in marks if unicodedata.category(mark) == "Mn"]
        most = min((MARKS.get(script, MOST_MARKS) for script in scripts.of(base)), default=MOST_MARKS)
        is_repeated = any(one == other for one, other in pairwise(marks))
        if len(unspaced) > most or len(marks) > MOST_WITH_SPACING or is_repeated:
            raise ValidationError(
                f"Your name has more accents on {SHOWN.format(base)} than a letter has. Delete some.", code="stacked"
            )


def _check_words(name: str) -> None:
    if run := SIGNS_IN_A_ROW.search(name):
        raise ValidationError(f"Your name has too many signs in a row: {SHOWN.format(run[0])}.", code="signs")
    for word in name.split():
        own = [character for character in word if unicodedata.category(character)[0] in "LM"]
        if not scripts.are_written_together(
            [character for character in own if character not in SIGNS and ord(character) not in ACCENTS_BLOCK]
        ):
            raise ValidationError("Write each word of your name in one alphabet.", code="mixed")
