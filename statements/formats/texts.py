"""Texts as formats of other alphabets and lengths take them."""

import unicodedata

# Letters that Unicode does not take apart into an ASCII one and its mark.
SPELT = str.maketrans(
    {
        "ł": "l", "Ł": "L", "ø": "o", "Ø": "O", "đ": "d", "Đ": "D", "ð": "d", "Ð": "D", "þ": "th", "Þ": "Th",
        "ß": "ss", "ẞ": "SS", "æ": "ae", "Æ": "AE", "œ": "oe", "Œ": "OE", "ı": "i", "ħ": "h", "Ħ": "H", "ŋ": "n",
        "Ŋ": "N", "ə": "e", "Ə": "E", "’": "'", "‘": "'", "ʻ": "'", "ʼ": "'", "–": "-", "·": ".", "\u00a0": " ",
    }
)  # fmt: skip


def ascii_of(text: str) -> str:
    """In printable ASCII as far as it can be; empty where that would leave out letters."""
    spelt = "".join(
        letter
        for letter in unicodedata.normalize("NFKD", text.translate(SPELT))
        if not unicodedata.category(letter).startswith("M")
    )
    return spelt if spelt.isascii() and spelt.isprintable() else ""


def printable(text: str) -> str:
    """Without what XML 1.0 cannot hold (2.2): control characters are a space, others the replacement character."""
    return "".join(
        " " if ord(letter) < 0x20 or letter == "\x7f" else "\ufffd" if letter in "\ufffe\uffff" else letter
        for letter in text
    )
