"""References: what people read out of a transfer's id."""

from uuid import UUID

from inputs.text import compact

CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
MISREAD = str.maketrans("OIL", "011")  # no reference has these letters
LONGEST_TYPED = 100  # characters, with what a copy brings along


def of(id: UUID) -> str:
    """Forty bits of the id in Crockford's base 32, for people to read out."""
    bits = id.int >> 88
    letters = "".join(CROCKFORD[bits >> shift & 31] for shift in range(35, -1, -5))
    return f"{letters[:4]}-{letters[4:]}"


def ids(text: str) -> tuple[UUID, UUID] | None:
    """The first and the last id a reference may stand for; None when the text is none."""
    letters = compact(text).upper().translate(MISREAD) if len(text) <= LONGEST_TYPED else ""
    if len(letters) != 8 or not set(letters) <= set(CROCKFORD):
        return None
    bits = 0
    for letter in letters:
        bits = bits << 5 | CROCKFORD.index(letter)
    return UUID(int=bits << 88), UUID(int=(bits + 1 << 88) - 1)
