"""How often something may happen in a window of time, counted in one statement.

For mails and for wrong tries by address: coarse limits against flooding, beside the exact ones of attempts.py.
"""

import hashlib
import hmac
from uuid import UUID

from django.db import connections, transaction
from django.db.models import F

from accounts.credentials import keys
from accounts.models import Tally

COUNT = """
    INSERT INTO accounts_tally (scope, subject, count, ends_at)
    VALUES (%(scope)s, %(subject)s, 1, clock_timestamp() + make_interval(secs => %(seconds)s))
    ON CONFLICT (scope, subject) DO UPDATE SET
        count = CASE WHEN accounts_tally.ends_at <= clock_timestamp() THEN 1 ELSE accounts_tally.count + 1 END,
        ends_at = CASE WHEN accounts_tally.ends_at <= clock_timestamp()
            THEN excluded.ends_at ELSE accounts_tally.ends_at END
    RETURNING count"""


def pseudonym(*parts: str) -> UUID:
    """A stable id for an address or an email, from which it cannot be found out without the key."""
    message = "\0".join(parts).encode("utf-8", "surrogatepass")
    key = keys.derive(keys.Purpose.SUBJECT, keys.current_id())
    return UUID(bytes=hmac.digest(key, message, hashlib.sha256)[:16])


def give_back(scope: str, subject: str) -> None:
    """Take one count back: it was no failure."""
    rows = Tally.objects.filter(scope=scope, subject=pseudonym(scope, subject), count__gt=0)
    rows.update(count=F("count") - 1)


def count(scope: str, subject: str, *, seconds: int) -> int:
    """Count one more and return how many there are in this window, which lasts so many seconds from its first."""
    with transaction.atomic(using="default", durable=True):
        return tick(scope, subject, seconds=seconds)


def tick(scope: str, subject: str, *, seconds: int) -> int:
    """The same inside the caller's transaction, whose rollback takes it back: for what need not be exact."""
    parameters: dict[str, str | float | UUID] = {
        "scope": scope,
        "subject": pseudonym(scope, subject),
        "seconds": float(seconds),
    }
    with connections["default"].cursor() as cursor:
        cursor.execute(COUNT, parameters)
        (total,) = cursor.fetchone()
    return int(total)
