"""Which PINs a thief would try first. (NIST SP 800-63B, 5.1.1.2, asks to refuse commonly used values.)"""

from itertools import pairwise

# The heads of the lists of leaked PINs that no rule below catches.
FAMOUS = """
    0007 0815 0852 1004 1010 1357 2468 2580 4711 5150 6969 8642 9753
    080808 100000 112358 135790 142536 147258 159753 200000 246810 258456 271828 314159
"""
WELL_KNOWN = frozenset(FAMOUS.split())
REFUSED_YEARS = ("19", "20")


def is_trivial(pin: str) -> bool:
    """Repeats (1111, 1212, 123123), pairs (112233), runs (1234, 9876, 567890), years (1984), famous ones."""
    digits = [int(character) for character in pin]
    steps = {(right - left) % 10 for left, right in pairwise(digits)}
    # One step from digit to digit: all equal (0), runs up and down by one (1, 9) or two (2, 8).
    if steps in ({0}, {1}, {9}, {2}, {8}):
        return True
    if _repeats(pin) or _blocks(pin) or pin in WELL_KNOWN:
        return True
    return len(pin) == 4 and pin.startswith(REFUSED_YEARS)


def _repeats(pin: str) -> bool:
    return any(pin == pin[:size] * (len(pin) // size) for size in range(1, len(pin) // 2 + 1) if len(pin) % size == 0)


def _blocks(pin: str) -> bool:
    """1122, 112233, 111222: equal blocks of one digit each."""
    return any(
        all(len(set(pin[start : start + size])) == 1 for start in range(0, len(pin), size))
        for size in (2, 3)
        if len(pin) % size == 0
    )
