"""What the eye takes a text for: the skeletons of UTS #39, section 4, read down to the letters a to z.

The pairs of look-alikes are Unicode's own (confusables.txt, by way of the package confusable_homoglyphs); what it does
not hold, because the shapes only meet in small capitals or in most fonts, stands in ALSO.
"""

import re
import unicodedata
from collections.abc import Iterator
from functools import lru_cache

from confusable_homoglyphs.confusables import confusables_data

# Cyrillic, Armenian and Chinese letters that most fonts draw like a Latin one, beside those of confusables.txt.
ALSO = {
    **dict.fromkeys("ғҒ", "f"),
    **dict.fromkeys("口ロ囗〇", "o"),
    **dict.fromkeys("丨〡", "l"),
    **dict.fromkeys("丅", "t"),
    **dict.fromkeys("工エ", "i"),
    **dict.fromkeys("пП", "n"),
    **dict.fromkeys("шШщЩ", "w"),
    **dict.fromkeys("ωΩ", "w"),
    **dict.fromkeys("яЯ", "r"),
    **dict.fromkeys("иИ", "n"),
    **dict.fromkeys("λ", "l"),
    **dict.fromkeys("δ", "d"),
    **dict.fromkeys("φ", "f"),
    **dict.fromkeys("υ", "u"),
}
STEPS = 3  # т is like ᴛ, which is a small capital T
SMALL_CAPITAL = "LATIN LETTER SMALL CAPITAL "
# Digits are read as the letters they stand for; i, l and 1 are one stroke.
STROKES = str.maketrans("0123456789i", "olzeasbtbgl")
PAIRS = {"rn": "m", "vv": "w", "cl": "d"}
NOT_ALPHANUMERIC = re.compile(r"[\W_]+")


def letters(text: str) -> str:
    """The text as it reads: marks and invisible characters gone, each look-alike as the letter it is taken for.

    Digits stay and nothing is joined, so that words can still be told. Letters that look like no Latin one stay too.
    """
    plain = unicodedata.normalize("NFKD", text)
    read = "".join(_read(character) for character in plain if not _is_unseen(character))
    return read.casefold()


def skeleton(text: str) -> str:
    """Two texts with one skeleton are taken for each other: spaces, signs, case and digits for letters do not count."""
    return joined(NOT_ALPHANUMERIC.sub("", letters(text)))


def joined(read: str) -> str:
    """The skeleton of what `letters` gave, without the signs between its words."""
    shape = read.translate(STROKES)
    for pair, one in PAIRS.items():
        shape = shape.replace(pair, one)
    return shape


def differ_by_one(one: str, other: str) -> bool:
    """Whether the two differ, by one letter only: more, less, another one, or swapped with its neighbour."""
    if one == other or abs(len(one) - len(other)) > 1:
        return False
    start = next((place for place, pair in enumerate(zip(one, other, strict=False)) if pair[0] != pair[1]), None)
    if start is None:
        return True
    rest, rest_of_other = one[start:], other[start:]
    return (
        rest[1:] == rest_of_other[1:]
        or rest[1:] == rest_of_other
        or rest == rest_of_other[1:]
        or (rest[1::-1] == rest_of_other[:2] and rest[2:] == rest_of_other[2:])
    )


def _is_unseen(character: str) -> bool:
    return unicodedata.category(character) in {"Mn", "Me", "Cf", "Cc"}


@lru_cache(maxsize=4096)
def _read(character: str) -> str:
    """The Latin letter, or letters, that the character is taken for; itself when there is none."""
    if character.isascii():
        return character
    seen: set[str] = set()
    edge = [character, character.lower(), character.upper()]
    for _ in range(STEPS):
        for each in edge:
            if latin := _latin(each):
                return latin
        seen.update(edge)
        edge = [near for each in edge for near in _neighbours(each) if near not in seen]
    return character


def _latin(text: str) -> str:
    if text in ALSO:
        return ALSO[text]
    if text.isascii():
        return text if text.isalnum() else ""
    small = unicodedata.name(text, "").removeprefix(SMALL_CAPITAL) if len(text) == 1 else ""
    return small.lower() if len(small) == 1 else ""


def _neighbours(character: str) -> Iterator[str]:
    """What confusables.txt pairs the character with, accents off: ø is an o and a stroke."""
    for pair in confusables_data.get(character, ()):
        plain = unicodedata.normalize("NFKD", pair["c"])
        bare = "".join(part for part in plain if not _is_unseen(part))
        if len(bare) == 1 or bare.isascii():
            yield bare
