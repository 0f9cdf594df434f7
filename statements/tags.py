"""The customer's own word for a line, and what came in and went out under each in a month."""

from datetime import date
from typing import NamedTuple

from django.db import connection, transaction
from django.db.models.functions import Lower

from ledger.models import Account, Entry
from statements import months
from statements.models import Tag, TaggedLine

MOST = 100  # an account

SUMS = """
SELECT tag.name, coalesce(sum(amount) FILTER (WHERE side = 'credit'), 0),
  coalesce(sum(amount) FILTER (WHERE side = 'debit'), 0)
FROM ledger_entry e JOIN statements_tagged_line t ON t.account_id = e.account_id AND t.seq = e.seq
JOIN statements_tag tag ON tag.id = t.tag_id
WHERE e.account_id = %s AND e.posted_at >= %s AND e.posted_at < %s
GROUP BY tag.name ORDER BY 3 DESC, 2 DESC, 1
"""


class TooManyTags(Exception):
    """The account has as many different tags as it may have."""


class TagSums(NamedTuple):
    """Minor units, neither of them negative."""

    name: str
    came_in: int
    went_out: int


def names(account: Account) -> list[str]:
    return list(Tag.objects.filter(account=account).order_by(Lower("name")).values_list("name", flat=True))


def of(entry: Entry) -> str:
    """The line's tag; empty for none."""
    tagged = TaggedLine.objects.filter(account=entry.account_id, seq=entry.seq).select_related("tag").first()
    return tagged.tag.name if tagged else ""


@transaction.atomic
def put(entry: Entry, name: str) -> None:
    """Give the line this tag and no other one; none if empty. A tag without a line is forgotten.

    In other capitals it is the same tag. Raises TooManyTags.
    """
    with connection.cursor() as cursor:  # one after the other, of one account
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended('statements_tag', %s))", [entry.account_id])
    TaggedLine.objects.filter(account=entry.account_id, seq=entry.seq).delete()
    if name:
        TaggedLine.objects.create(account_id=entry.account_id, seq=entry.seq, tag=_tag(entry.account_id, name))
    Tag.objects.filter(account=entry.account_id, lines=None).delete()


def _tag(account: int, name: str) -> Tag:
    tags = Tag.objects.filter(account=account)
    if (tag := tags.filter(name__iexact=name).first()) is not None:
        return tag
    if tags.count() >= MOST:
        raise TooManyTags
    return Tag.objects.create(account_id=account, name=name)


def sums(account: Account, month: date) -> list[TagSums]:
    """Of the month that begins with this day, most money out first. Reads the account's lines of that month."""
    until = months.moved(month, 1)
    with connection.cursor() as cursor:
        cursor.execute(SUMS, [account.pk, months.begin(month), months.begin(until)])
        return [TagSums(name, int(came_in), int(went_out)) for name, came_in, went_out in cursor.fetchall()]
