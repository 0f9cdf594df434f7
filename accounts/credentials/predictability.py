"""How hard a text is to guess: repeats, counting and rows of keys on a keyboard add nothing."""

from itertools import pairwise

# Rows of keys from the top down. A key touches the one above it and the next one to the right.
KEYBOARDS = (
    ("1234567890-=", "qwertyuiop[]", "asdfghjkl;'", "zxcvbnm,./"),
    ("1234567890ß´", "qwertzuiopü+", "asdfghjklöä#", "yxcvbnm,.-"),
    ("1234567890)=", "azertyuiop^$", "qsdfghjklmù*", "wxcvbn,;:!"),
    ("1234567890-=", "йцукенгшщзхъ", "фывапролджэ", "ячсмитьбю."),
)
LEAST_RUN = 3  # two neighbours are chance
LEAST_COPY = 3
IDEOGRAPHS = 0x2E80  # from here on: of thousands of signs, not of dozens of letters


def _touching() -> frozenset[str]:
    pairs = {"90", "09"}
    for rows in KEYBOARDS:
        for row in rows:
            pairs |= {left + right for left, right in pairwise(row)}
        for above, below in pairwise(rows):
            for place, key in enumerate(below):
                pairs |= {key + other for other in above[place : place + 2]}
    return frozenset(pairs | {pair[::-1] for pair in pairs})


TOUCHING = _touching()


def surprises(text: str) -> int:
    """About how many letters have to be guessed: a run counts as its first one, what was there before as none.

    >>> surprises("aaaaaaaaaaaa"), surprises("qwerty123456"), surprises("abcabcabcabc"), surprises("seven herons")
    (1, 2, 1, 12)

    Takes time with the square of the length: for what has at most 1,024 characters.
    """
    found = place = 0
    while place < len(text):
        run, copy = run_at(text, place), copy_at(text, place)
        if copy < run:
            found += weight(text[place])
        place += max(run, copy)
    return found


def weight(character: str) -> int:
    """What one character is worth in letters: an ideograph, or an emoji, is one of many more."""
    return 2 if ord(character) >= IDEOGRAPHS else 1


def run_at(text: str, place: int) -> int:
    """How many from here on are each near the one before: equal, next to it in an alphabet or on a keyboard."""
    end = place + 1
    while end < len(text) and near(text[end - 1], text[end]):
        end += 1
    return end - place if end - place >= LEAST_RUN else 1


def copy_at(text: str, place: int) -> int:
    """How many characters from here on stand somewhere before; 0 for too few."""
    end = place + LEAST_COPY
    while end <= len(text) and text.find(text[place:end], 0, place) >= 0:
        end += 1
    return end - 1 - place if end > place + LEAST_COPY else 0


def near(one: str, other: str) -> bool:
    if one == other or one + other in TOUCHING:
        return True
    return one.isalnum() and other.isalnum() and abs(ord(one) - ord(other)) == 1
