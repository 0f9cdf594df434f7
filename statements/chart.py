"""What came in and went out, month by month: the figures of six months, and where the bars of their picture stand.

Shown only while balances are (see `activity` in views.py): the totals since a wallet was opened add up to its balance.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import NamedTuple

from ledger.currency import exponent
from ledger.models import Account
from statements import months, sums

MONTHS = 6
STEPS = (1, 2, 3, 4, 5)  # of which one, times a power of ten, lies between each two lines of the scale
LINES = 2  # above zero
# In hundredths of the picture. A pair of bars fills most of its month; the least amount can still be seen.
BAR, GAP, LEAST = 5.5, 0.8, 1.5


class Month(NamedTuple):
    """Totals in minor units, neither of them negative."""

    first: date
    came_in: int
    went_out: int

    @property
    def named(self) -> str:
        """As an address says it."""
        return months.named(self.first)


class Bar(NamedTuple):
    """Per cent of the picture, measured from its top left. Text, which no language's decimal comma gets into."""

    came_in: bool
    month: str  # as an address says it
    x: str
    y: str
    width: str
    height: str


@dataclass(frozen=True)
class Chart:
    """`months` are one after the other, and the last one is the one we are in."""

    months: Sequence[Month]
    currency: str

    @property
    def latest(self) -> Month:
        return self.months[-1]

    @cached_property
    def scale(self) -> list[int]:
        """The amounts at the lines, in minor units, from the top down to zero. Round figures, whole units of money."""
        highest = max(max(month.came_in, month.went_out) for month in self.months)
        power = 10 ** exponent(self.currency)
        while STEPS[-1] * LINES * power < highest:
            power *= 10
        step = next(step * power for step in STEPS if step * LINES * power >= highest)
        return [step * line for line in range(LINES, -1, -1)]

    @property
    def bars(self) -> list[Bar]:
        """Two a month, side by side around its middle. None for nothing."""
        slot = 100 / len(self.months)
        found = []
        for place, month in enumerate(self.months):
            middle = slot * (place + 0.5)
            if month.came_in:
                found.append(self._bar(month, True, middle - GAP / 2 - BAR, month.came_in))
            if month.went_out:
                found.append(self._bar(month, False, middle + GAP / 2, month.went_out))
        return found

    def _bar(self, month: Month, came_in: bool, x: float, amount: int) -> Bar:
        height = max(LEAST, 100 * amount / self.scale[0])
        return Bar(came_in, month.named, *(f"{value:.2f}%" for value in (x, 100 - height, BAR, height)))


def of(account: Account) -> Chart | None:
    """The last six calendar months, this one among them, by the reader's clock like the list. None if nothing happened.

    Counts every entry, whatever it was for, so that the figures agree with the list.
    """
    this = months.this()
    firsts = [months.moved(this, number) for number in range(1 - MONTHS, 2)]
    found = sums.between(account, [months.begin(first) for first in firsts])
    if not any(map(any, found)):
        return None
    return Chart([Month(first, *pair) for first, pair in zip(firsts, found, strict=False)], account.currency)
