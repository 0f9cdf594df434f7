"""What people type and paste, read the way they see it. Pure functions of text; each is idempotent and linear.

Text that was copied brings along what nobody sees: no-break and thin spaces, zero-width and direction marks, soft
hyphens, full-width letters, dashes and quotation marks of every kind. `visible` takes off what cannot be seen, and
everything that is typed goes through it; the others read a number, code, email or @handle from what is left.

Nothing here looks at a text longer than `LONGEST`: whoever calls has checked its length first (see `inputs.fields`).
"""

import re
import unicodedata

LONGEST = 4096  # characters

# Default_Ignorable_Code_Point (UAX #44): what a screen shows nothing for. Only the three that turn the direction of
# what follows are left in, for then the eye reads another text: no pattern takes them.
IGNORABLE = [
    (0x00AD, 0x00AD), (0x034F, 0x034F), (0x061C, 0x061C), (0x115F, 0x1160), (0x17B4, 0x17B5), (0x180B, 0x180F),
    (0x200B, 0x200F), (0x202A, 0x202E), (0x2060, 0x206F), (0x3164, 0x3164), (0xFE00, 0xFE0F), (0xFEFF, 0xFEFF),
    (0xFFA0, 0xFFA0), (0xFFF0, 0xFFF8), (0x1BCA0, 0x1BCA3), (0x1D173, 0x1D17A), (0xE0000, 0xE0FFF),
]  # fmt: skip
TURNING = "\u202b\u202e\u2067"  # right-to-left embedding, override and isolate
# Beside the space separators (Zs): what is typed into one line is one line, and the empty Braille cell looks empty.
BLANK = "\t\n\v\f\r\x85\u2028\u2029\u2800"
# Forms of one character that differ in width, or in where a line may break (UAX #44, table 14).
WIDTH_TAGS = ("<wide>", "<narrow>", "<small>", "<noBreak>")
DASHES = "\u02d7\u2043\u2212\u2796\u30fc"  # beside the dash punctuation (Pd)
APOSTROPHES = "\u2018\u2019\u201a\u201b\u02b9\u02bb\u02bc\u02bd\u02c8\u2032\u00b4\u0060\u05f3\ua78c"
BETWEEN = " -./_,'"  # the groups of a number or a code
SEPARATORS = str.maketrans("", "", BETWEEN)
AS_SPACES = str.maketrans(dict.fromkeys(BETWEEN, " "))
AROUND = ' ,;:.()<>"\u201c\u201d\u201e\u00ab\u00bb'
PAIRS = ("<>", "()", '""', "''", "\u201c\u201d", "\u2018\u2019", "\u201e\u201c")
LABELS = frozenset({"account", "acct", "acc", "number", "no", "nr", "num", "to", "a/c"})


class TooLong(ValueError):
    """The text is longer than `LONGEST`: its length was not checked before."""


def visible(text: str) -> str:
    """On one line, as it is seen: composed (NFC), without invisible characters, spaces alike and single, none around.

    Control characters other than tabs and line ends stay, for whoever takes the text to refuse. Raises TooLong.
    """
    return one_line("".join(map(_as_seen, _bounded(text))))


def one_line(text: str) -> str:
    """Composed (NFC), spaces and line ends as single spaces, none around; nothing else is taken off. Raises TooLong."""
    spaced = "".join(" " if _is_blank(letter) else letter for letter in unicodedata.normalize("NFC", _bounded(text)))
    return " ".join(word for word in spaced.split(" ") if word)


def figures(text: str) -> str:
    """`visible`, with ASCII dashes and apostrophes, and with the digits 0 to 9 for those of any other script.

    Digits of two scripts in one number stay as they are, for nobody writes so. Raises TooLong.
    """
    shown = "".join(map(_as_typed, visible(text)))
    scripts = {ord(letter) - unicodedata.decimal(letter) for letter in shown if letter.isdecimal()}
    if len(scripts) != 1:
        return shown
    return "".join(str(unicodedata.decimal(letter)) if letter.isdecimal() else letter for letter in shown)


def compact(text: str) -> str:
    """A number or a code without what people put between its groups. Raises TooLong."""
    return figures(text).strip(AROUND).translate(SEPARATORS)


def secret(text: str) -> str:
    """A code or a PIN without what people put between its groups. Raises TooLong.

    Digits of other scripts stay as they are: no app and no keypad of ours gives any, so they are refused, not read.
    """
    return "".join(map(_as_typed, visible(text))).strip(AROUND).translate(SEPARATORS)


def account_number(text: str) -> str | None:
    """The digits, of whatever number there are, with or without "Account number:" in front; None for what is none."""
    typed = figures(text).strip(AROUND)
    head = next((place for place, letter in enumerate(typed) if letter.isdigit()), 0)
    words = set(re.split("[ .:#]+", typed[:head].lower())) - {""}
    if head and not typed[head - 1].isalpha() and words <= LABELS:
        typed = typed[head:]
    digits = typed.translate(SEPARATORS)
    return digits if re.fullmatch("[0-9]+", digits) else None


def handle(text: str) -> str:
    """Lower case, without the @ and the punctuation of the sentence it was copied from. Raises TooLong."""
    return visible(text).lstrip("@" + AROUND).rstrip(AROUND).lower()


def email(text: str) -> str:
    """Lower case; out of a link or of "Ada <ada@example.com>", and without what stood around it. Raises TooLong."""
    typed = visible(text).replace("\u3002", ".").lower()
    while (unwrapped := _unwrapped(typed)) != typed:
        typed = unwrapped
    if '"' in typed:  # inside quotation marks a space is part of the name
        return typed
    return "@".join(part.strip(" ") for part in typed.split("@"))


def has_control(text: str) -> bool:
    """Whether there is a control character (Cc), line ends and tabs among them."""
    return any(unicodedata.category(letter) == "Cc" for letter in text)


def _unwrapped(typed: str) -> str:
    """Shorter by what stands around the address, or as it is."""
    typed = typed.strip(" ,;").rstrip(".")
    if typed.startswith("mailto:"):
        return typed[7:].partition("?")[0]
    if typed.endswith(">") and "<" in typed:
        return typed[typed.rindex("<") + 1 : -1]
    is_wrapped = len(typed) > 1 and typed[0] + typed[-1] in PAIRS
    return typed[1:-1] if is_wrapped else typed


def _bounded(text: str) -> str:
    if len(text) > LONGEST:
        raise TooLong(f"{len(text)} characters, at most {LONGEST}")
    return text


def _is_blank(letter: str) -> bool:
    return letter in BLANK or unicodedata.category(letter) == "Zs"


UNSEEN = frozenset(chr(code) for first, last in IGNORABLE for code in range(first, last + 1)) - frozenset(TURNING)


def _as_seen(letter: str) -> str:
    has_other_width = not letter.isascii() and unicodedata.decomposition(letter).startswith(WIDTH_TAGS)
    folded = unicodedata.normalize("NFKC", letter) if has_other_width else letter
    return "".join(part for part in folded if part not in UNSEEN)


def _as_typed(letter: str) -> str:
    if letter in APOSTROPHES:
        return "'"
    return "-" if letter in DASHES or unicodedata.category(letter) == "Pd" else letter
