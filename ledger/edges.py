"""Values at the edge that no row of the books may hold, as constraints: each of a name of its own.

What a constraint cannot say is in ledger/sql/0006_edges.sql.
"""

from datetime import UTC, datetime

from django.db.models import BaseConstraint, CheckConstraint, Q

from ledger.encoding import NOBODY

EARLIEST, TOO_LATE = datetime(1900, 1, 1, tzinfo=UTC), datetime(9999, 1, 1, tzinfo=UTC)


def sane(field: str) -> Q:
    """The time is finite, of a year that people keep books in, and one that Python can say."""
    return Q(**{f"{field}__gte": EARLIEST, f"{field}__lt": TOO_LATE})


def somebody(field: str) -> Q:
    """Not the identifier that stands for "none" in what is hashed: two contents would share a fingerprint."""
    return Q(**{f"{field}__isnull": True}) | ~Q(**{field: NOBODY})


ACCOUNT: list[BaseConstraint] = [
    CheckConstraint(condition=Q(id__gte=1), name="account_id_is_positive"),  # checkpoints begin there
    CheckConstraint(condition=Q(owner__isnull=True) | Q(kind="liability"), name="wallet_is_a_liability"),
    # A checkpoint's leaf says either.
    CheckConstraint(
        condition=Q(owner__isnull=True) & ~Q(name="") | Q(owner__isnull=False, name=""),
        name="account_has_an_owner_or_a_name",
    ),
    CheckConstraint(condition=somebody("owner"), name="account_owner_is_somebody"),
    CheckConstraint(
        condition=sane("opened_at") & (Q(last_posted_at__isnull=True) | sane("last_posted_at")),
        name="account_times_are_sane",
    ),
]
TRANSFER: list[BaseConstraint] = [
    CheckConstraint(condition=~Q(id=NOBODY), name="transfer_id_is_not_nobody"),
    CheckConstraint(condition=somebody("initiated_by"), name="initiator_is_somebody"),
    CheckConstraint(condition=somebody("reverses"), name="reversed_is_something"),
    CheckConstraint(condition=somebody("batch"), name="batch_is_something"),
    CheckConstraint(condition=Q(kind__regex="^[a-z][a-z0-9_ -]*$"), name="transfer_kind_is_a_word"),
    CheckConstraint(condition=sane("posted_at"), name="transfer_time_is_sane"),
]
ENTRY: list[BaseConstraint] = [CheckConstraint(condition=sane("posted_at"), name="entry_time_is_sane")]
HOT_ACCOUNT: list[BaseConstraint] = [
    CheckConstraint(
        condition=Q(account__gte=1, wasted_attempts__gte=1) & sane("queued_until"), name="hot_account_is_sane"
    )
]
ACCOUNT_CHANGE: list[BaseConstraint] = [CheckConstraint(condition=sane("at"), name="account_change_time_is_sane")]
