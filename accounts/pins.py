"""Which PINs a thief would try first. (NIST SP 800-63B, 5.1.1.2, asks to refuse commonly used values.)"""

# The heads of the lists of leaked PINs that no rule below catches.
WELL_KNOWN = frozenset("1004 1122 1313 2001 2468 2580 0852 1357 9753 8642 6969 5150 0007 1010 4711 0815".split()) | (
    frozenset("159753 147258 258456 142536 246810 135790 112358 314159 271828 080808 101010 200000 100000".split())
)
REFUSED_YEARS = ("19", "20")


def is_trivial(pin: str) -> bool:
    """Repeats (1111, 1212, 123123), pairs (112233), runs (1234, 9876, 567890), years (1984), famous ones."""
    digits = [int(character) for character in pin]
    steps = {(right - left) % 10 for left, right in zip(digits, digits[1:], strict=False)}
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
