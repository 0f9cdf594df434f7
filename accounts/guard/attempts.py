"""Tries at a secret are reserved before the hash is computed, so parallel guesses cannot overshoot the limit.

1. Reserve: one atomic UPDATE in a transaction of its own. It succeeds while failures and reservations together are
   fewer than five and no lock stands.
2. The hash is computed: no transaction, no lock.
3. Settle: one more UPDATE. A failure adds to the run, and the fifth locks; a success ends the run. A reservation in
   flight is not a failure: others wait for it, so twenty right confirms at once all succeed. One that is never settled
   (a killed worker) counts as a failure after 30 seconds, so that no guess is free.

At most five consecutive failures: RTS Art. 4(3)(b); ASVS 5, 6.3.1. See docs/adr/0010-attempts-are-reserved.md.
"""

import random
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from django.db import connections, transaction
from django.utils import timezone

from accounts.credentials import hashing
from accounts.credentials.hashing import Kind
from accounts.errors import CodeUsed, SecretLocked, WrongSecret
from accounts.models import Guard, User

LIMIT = 5  # consecutive failures
ABANDONED_SECONDS = 30
WAIT_SECONDS = 15
POLL_SECONDS = (0.02, 0.06)
# The first lock in a row, the second, …; the last one repeats. A success starts over.
LOCK_SECONDS = [60, 300, 900, 3600, 14_400, 86_400]

FIELDS = {Kind.PASSWORD: "password", Kind.VIEW_PIN: "view_pin", Kind.PAYMENT_PIN: "payment_pin"}

RESERVE = """
    UPDATE accounts_guard
    SET pending = pending || jsonb_build_object(%(reservation)s::text, extract(epoch FROM clock_timestamp())),
        locked_until = NULL, tried_at = clock_timestamp()
    WHERE subject = %(subject)s AND kind = %(kind)s
      AND coalesce(locked_until <= clock_timestamp(), true)
      AND failures + (SELECT count(*) FROM jsonb_object_keys(pending)) < %(limit)s
    RETURNING id"""
SUCCEED = """
    UPDATE accounts_guard SET failures = 0, locks = 0, pending = pending - %(reservation)s::text
    WHERE subject = %(subject)s AND kind = %(kind)s"""
RELEASE = """
    UPDATE accounts_guard SET pending = pending - %(reservation)s::text
    WHERE subject = %(subject)s AND kind = %(kind)s"""
FAIL = """
    UPDATE accounts_guard SET failures = failures + 1, pending = pending - %(reservation)s::text
    WHERE subject = %(subject)s AND kind = %(kind)s AND jsonb_exists(pending, %(reservation)s::text)"""
FAIL_ABANDONED = """
    UPDATE accounts_guard
    SET failures = failures + (SELECT count(*) FROM jsonb_each_text(pending) AS reservation
            WHERE reservation.value::float8 <= extract(epoch FROM clock_timestamp()) - %(abandoned)s),
        pending = (SELECT coalesce(jsonb_object_agg(reservation.key, reservation.value::float8), '{}')
            FROM jsonb_each_text(pending) AS reservation
            WHERE reservation.value::float8 > extract(epoch FROM clock_timestamp()) - %(abandoned)s)
    WHERE subject = %(subject)s AND kind = %(kind)s
      AND EXISTS (SELECT FROM jsonb_each_text(pending) AS reservation
            WHERE reservation.value::float8 <= extract(epoch FROM clock_timestamp()) - %(abandoned)s)"""
LOCK = """
    UPDATE accounts_guard
    SET failures = 0, locks = locks + 1, locked_until = clock_timestamp()
            + make_interval(secs => (%(lock_seconds)s::float8[])[least(locks + 1, %(longest)s)])
    WHERE subject = %(subject)s AND kind = %(kind)s AND failures >= %(limit)s
    RETURNING locked_until"""


class Attempt:
    """One reserved try, settled by `succeed`, `release` or `fail`."""

    def __init__(self, subject: UUID, kind: str) -> None:
        self.subject, self.kind = subject, kind
        self.reservation = uuid4().hex

    def reserve(self) -> None:
        """Take one of the five places, waiting for those in flight. Raises SecretLocked."""
        deadline = time.monotonic() + WAIT_SECONDS
        self._open()
        while not self._run(RESERVE):
            self._open()  # a change of the secret deletes its counter, also under those who wait
            self._run(FAIL_ABANDONED)
            self._run(LOCK)
            until = self._standing_lock()
            if until or time.monotonic() > deadline:
                raise SecretLocked(until or timezone.now())
            time.sleep(random.uniform(*POLL_SECONDS))

    def succeed(self) -> None:
        """The secret was right: the run of failures ends."""
        self._run(SUCCEED)

    def release(self) -> None:
        """The place is given back and nothing else changes. As many statements as a failure, so as slow as one."""
        self._run(RELEASE)
        self._run(LOCK)

    def fail(self) -> datetime | None:
        """One failure more; the end of the lock if it was the fifth."""
        self._run(FAIL)
        locked = self._run(LOCK)
        return locked[0] if locked else None

    def _open(self) -> None:
        Guard.objects.using("default").get_or_create(subject=self.subject, kind=self.kind)

    def _standing_lock(self) -> datetime | None:
        standing = Guard.objects.using("default").filter(
            subject=self.subject, kind=self.kind, locked_until__gt=timezone.now()
        )
        return standing.values_list("locked_until", flat=True).first()

    def _run(self, statement: str) -> tuple[datetime] | None:
        parameters: dict[str, Any] = {
            "subject": self.subject,
            "kind": self.kind,
            "reservation": self.reservation,
            "limit": LIMIT,
            "abandoned": ABANDONED_SECONDS,
            "lock_seconds": LOCK_SECONDS,
            "longest": len(LOCK_SECONDS),
        }
        # Durable: refused inside another transaction, whose rollback would take the count with it.
        with transaction.atomic(using="default", durable=True), connections["default"].cursor() as cursor:
            cursor.execute(statement, parameters)
            row: tuple[datetime] | None = cursor.fetchone() if cursor.description else None
            return row


@contextmanager
def attempt(subject: UUID, kind: str, *, counts: bool = True) -> Iterator[None]:
    """A reserved try around its check. The end of the block is a success, an exception a failure. Neither are CodeUsed,
    for a code given twice is no guess, and the lock of an attempt inside the block that left this secret unread.
    With `counts=False` a right secret ends no run of failures yet: `end_run` does, once a second factor was right too.

    Raises SecretLocked before the block, and in the place of a WrongSecret that brought the lock; RuntimeError inside a
    transaction.
    """
    reserved = Attempt(subject, kind)
    reserved.reserve()
    try:
        yield
    except CodeUsed:
        reserved.release()
        raise
    except SecretLocked as lock:  # of another secret, asked for together with this one
        if lock.tried:
            reserved.fail()
        else:
            reserved.release()
        raise
    except WrongSecret:
        until = reserved.fail()
        if until:
            raise SecretLocked(until, tried=True) from None
        raise
    except BaseException:
        reserved.fail()
        raise
    if counts:
        reserved.succeed()
    else:
        reserved.release()


def end_run(subject: UUID, kind: str) -> None:
    """What was right is known to be the owner's: its run of failures is over."""
    Guard.objects.using("default").filter(subject=subject, kind=kind).update(failures=0, locks=0)


def prove(user: User, kind: Kind, secret: str, *, subject: UUID | None = None, counts: bool = True) -> None:
    """Check a password or PIN, counting the try. Raises WrongSecret or SecretLocked, RuntimeError in a transaction.

    `subject` names another counter than the user's own (a device that signed in before), `counts` is as in `attempt`.
    On success a hash under an old key or of a lower cost is made anew.
    """
    encoded: str = getattr(user, FIELDS[kind])
    with attempt(subject or user.id, kind, counts=counts):
        if not hashing.matches(kind, user.id, secret, encoded):
            if hashing.outdated(encoded):
                hashing.make(
                    kind, user.id, secret
                )  # a right one would be hashed anew, and nobody may time which it was
            raise WrongSecret
    if hashing.outdated(encoded):
        renew(user, kind, secret, encoded)


def tries_left(subject: UUID, *kinds: str) -> int:
    """How many wrong tries are left before a lock, at whichever of these has fewest. For a page: it decides nothing.

    Secrets that are only tried together count together, so what is said of both tells nothing of either.
    """
    guards = Guard.objects.using("default").filter(subject=subject, kind__in=kinds)
    return LIMIT - max((guard.failures + len(guard.pending) for guard in guards), default=0)


def renew(user: User, kind: Kind, secret: str, encoded: str) -> None:
    """Replace one hash by a current one, unless the secret was changed meanwhile."""
    field = FIELDS[kind]
    fresh = hashing.make(kind, user.id, secret)
    if User.objects.filter(pk=user.pk, **{field: encoded}).update(**{field: fresh}):
        setattr(user, field, fresh)
