"""Proves the books, or names what is wrong with them.

Three questions. Do the rules stand, as the migrations made them, and for everybody (`rules`, `surroundings`)? Are the
tables what they seem (`ground`)? Does every row obey every rule, whether or not it still stands (`rows`)?

The work is done by PostgreSQL, set by set, over one snapshot: nothing blocks a payment, and nothing here grows with the
books. Every name is qualified and only what PostgreSQL itself brings is called, so that nothing of anybody's own can
stand in for it.
"""

from collections.abc import Callable, Iterator

from django.db.backends.utils import CursorWrapper

from ledger.snapshot import pin
from ledger.verify import ground, listed, log, rows, rules, surroundings
from ledger.verify.fault import Fault
from ledger.verify.roles import Roles

__all__ = ["SLICE", "Fault", "faults"]

SLICE = 250_000  # entries read between two signs of progress


def faults(cursor: CursorWrapper, progress: Callable[[int, int], None] = lambda done, of: None) -> Iterator[Fault]:
    """All of them, in no particular order. `progress` hears of the entries done, and of how many there are."""
    pin(cursor)
    roles = Roles.of_the_settings(cursor)
    yield from surroundings.faults(cursor, roles)
    yield from rules.faults(cursor, roles)
    yield from ground.faults(cursor)
    if ground.is_readable(cursor):
        yield from listed.faults(cursor)
        yield from rows.faults(cursor, progress, SLICE)
        yield from log.faults(cursor)
