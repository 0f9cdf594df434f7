"""The worker's part of the log: finds the transfers that are not in it yet, and has them appended.

Transactions do not commit in the order of their times, so no position in that order says "all before this are done". A
place in the log is therefore never left for later, and two ways of looking are taken at once. The quick one looks again
and again at the last minute; the sure one goes round through all transfers by their keys, some thousand a second,
whatever their times are. What is found is asked for by name, and the database appends what is not there yet: once.
The argument is in docs/adr/0044-a-log-over-transfers.md.
"""

import time
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import connections

BATCH = 10_000  # transfers found, and appended, at once
OVERLAP = timedelta(seconds=60)  # looked at again: longer than a payment may take
SLICE, SLICE_SECONDS = 5_000, 1.0  # transfers swept at once, and how often

# Ids go to and fro as PostgreSQL writes an array of them: making objects of them here took a sixth of the time.
# Backwards from the last leaf: what is older is there, or the sweep's to find.
WHERE_IT_ENDED = """
SELECT t.posted_at FROM ledger_transfer t
WHERE t.id = (SELECT transfer_id FROM ledger_log_leaf ORDER BY index DESC LIMIT 1)"""
RECENT = """
SELECT array_agg(id)::text, count(*), max(posted_at), clock_timestamp() FROM (
  SELECT t.id, t.posted_at FROM ledger_transfer t
  WHERE t.posted_at >= coalesce(%s, '-infinity'::timestamptz)
    AND NOT EXISTS (SELECT FROM ledger_log_leaf l WHERE l.transfer_id = t.id)
  ORDER BY t.posted_at LIMIT %s
) AS found"""
SWEEP = """
SELECT (array_agg(s.id ORDER BY s.id DESC))[1], (array_agg(s.id) FILTER (WHERE l.transfer_id IS NULL))::text
FROM (SELECT id FROM ledger_transfer WHERE id > %s ORDER BY id LIMIT %s) s
LEFT JOIN ledger_log_leaf l ON l.transfer_id = s.id"""
APPEND = "SELECT ledger_log_append(%s::uuid[])"
BEFORE_ALL = UUID(int=0)  # no transfer has it


@dataclass
class Follower:
    """What one process remembers of where it looked. Whatever it forgets or has wrong costs time, never a transfer."""

    looked_to: datetime | None = None  # all before this time was looked at
    swept_to: UUID = BEFORE_ALL
    swept_at: float = 0.0
    is_new: bool = True

    def follow(self) -> int:
        """One batch of what is recent and, once a second, one slice of the sweep; how many leaves were appended."""
        return self.look() + (self.sweep() if time.monotonic() >= self.swept_at + SLICE_SECONDS else 0)

    def look(self) -> int:
        if self.is_new:
            ended = _one(WHERE_IT_ENDED)
            self.looked_to, self.is_new = ended[0] - OVERLAP if ended else None, False
        found, count, latest, now = _one(RECENT, self.looked_to, BATCH)
        appended = append(found or [])
        if count == BATCH:
            self.looked_to = latest
        else:
            self.looked_to = max(self.looked_to or now - OVERLAP, now - OVERLAP)
        return appended

    def sweep(self) -> int:
        """Some of all transfers, in the order of their keys; from the first one again after the last."""
        last, missing = _one(SWEEP, self.swept_to, SLICE)
        appended = append(missing or [])
        self.swept_to, self.swept_at = last or BEFORE_ALL, time.monotonic()
        return appended


def append(transfers: list[UUID] | str) -> int:
    """Those that are not in the log yet, in one transaction; how many they were."""
    return int(_one(APPEND, transfers)[0]) if transfers else 0


def _one(query: str, *params: Any) -> Any:
    """The first row."""
    with connections["default"].cursor() as cursor:
        cursor.execute(query, params)
        return cursor.fetchone()


follower = Follower()


def run() -> int:
    """For settings.WORK."""
    return follower.follow()
