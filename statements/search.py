"""Finding one's own lines again: what a filter may say, what it means, and the lines it lets through.

A page, an export and a payee's history all take a `Filter`; what somebody typed becomes one by way of `SearchForm`.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import connection, transaction
from django.utils.module_loading import import_string

from ledger.models import Account
from statements import searched
from statements.lines import PAGE_SIZE, Page, page_of

CHUNK = 500  # lines read in one go where all are wanted
# The nearest lines are read one by one: what is common is soon found among them. What is not is asked of the indexes,
# for all lines further back at once (OFFSET 0: the limit is not to tempt the planner into reading these in order, too).
# A number without a type would be an int, for which the account is no part of the index of texts.
TAKEN_OVER = """
WITH near AS MATERIALIZED (
  SELECT seq FROM statements_searched_line line WHERE account_id = %(account)s::bigint AND seq >= %(near)s AND {where}
  ORDER BY seq DESC LIMIT %(limit)s
), far AS (
  SELECT seq FROM statements_searched_line line WHERE account_id = %(account)s::bigint AND seq < %(near)s AND {where}
    AND (SELECT count(*) FROM near) < %(limit)s OFFSET 0
)
SELECT seq FROM near UNION ALL (SELECT seq FROM far ORDER BY seq DESC LIMIT %(limit)s)
"""
# With what the worker has not come to, which is read. It may come to it meanwhile: then both have it, and it is one.
REST = """
UNION (
  SELECT seq FROM ({line} WHERE e.account_id = %(account)s AND e.seq > %(taken_over)s) line WHERE {where}
  ORDER BY seq DESC LIMIT %(limit)s
)
"""
# Nobody's search reads everybody's lines, however few there are yet.
BY_INDEX = "SET LOCAL enable_seqscan = off"
LAST = "ORDER BY seq DESC LIMIT %(limit)s"
NEAR = 300  # lines
ENDS = """
SELECT coalesce(s.seq, 0), a.last_seq FROM ledger_account a LEFT JOIN statements_searched s ON s.account_id = a.id
WHERE a.id = %s
"""
# Time order is sequence order (ledger/sql/0002_rules.sql), so a day begins at a seq.
FIRST_SINCE = """coalesce((SELECT seq FROM ledger_entry WHERE account_id = %(account)s AND posted_at >= %({name})s
  ORDER BY posted_at, seq LIMIT 1), 9223372036854775807)"""


@dataclass(frozen=True)
class Filter:
    """What each line must be. None, and no words, for whatever it may be.

    Amounts are in minor units, both ends included; moments from `begin` on and before `end`. `other` is the other
    side's account id. Each word stands somewhere in the name, @handle, note or reference, whatever its accents and
    capitals.
    """

    words: Sequence[str] = ()
    least: int | None = None
    most: int | None = None
    begin: datetime | None = None
    end: datetime | None = None
    incoming: bool | None = None
    kind: str | None = None
    tag: str | None = None
    other: int | None = None

    def __bool__(self) -> bool:
        """Whether it keeps anything out."""
        return self != Filter()

    def page(self, account: Account, *, before: int | None = None, size: int = PAGE_SIZE) -> Page:
        """Newest first, by key and not by offset."""
        return page_of(account, self._seqs(account, before, size + 1), size=size)

    def chunks(self, account: Account) -> Iterator[list[int]]:
        """The sequence numbers of all its lines, newest first, so many at a time: for exports."""
        before: int | None = None
        while seqs := self._seqs(account, before, CHUNK):
            yield seqs
            before = seqs[-1]

    def _seqs(self, account: Account, before: int | None, limit: int) -> list[int]:
        statement, params = self.query(account, before=before, limit=limit)
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(BY_INDEX)
            cursor.execute(statement, params)
            return [seq for (seq,) in cursor.fetchall()]

    def query(self, account: Account, *, before: int | None, limit: int) -> tuple[str, dict[str, Any]]:
        """The statement that finds the highest `limit` sequence numbers below `before`, and its parameters."""
        params: dict[str, Any] = {"account": account.pk, "limit": limit, "before": before}
        conditions = ["seq < %(before)s"] if before is not None else []
        conditions += [*self._plain(params), *self._since(params), *self._said(account, params)]
        taken_over, last = ends(account)
        params |= searched.names() | {"taken_over": taken_over, "near": (before or last + 1) - NEAR}
        statement = TAKEN_OVER + (REST if taken_over < last else "") + LAST
        where = " AND ".join(conditions) or "true"
        return statement.format(where=where, line=searched.LINE), params

    def _plain(self, params: dict[str, Any]) -> Iterator[str]:
        for name, condition in PLAIN.items():
            if (value := getattr(self, name)) is not None:
                params[name] = value
                yield condition

    def _since(self, params: dict[str, Any]) -> Iterator[str]:
        for name, sign in (("begin", ">="), ("end", "<")):
            if (value := getattr(self, name)) is not None:
                params[name] = value
                yield f"seq {sign} {FIRST_SINCE.format(name=name)}"

    def _said(self, account: Account, params: dict[str, Any]) -> Iterator[str]:
        """A word is in the text, or in what the customer calls the other side."""
        called = accounts_called(account, self.words) if self.words else {}
        for number, word in enumerate(self.words):
            name = f"word_{number}"
            params[name] = escaped(word)
            condition = f"text LIKE '%%' || {searched.folded(f'%({name})s')} || '%%'"
            if ids := called.get(word):
                params[f"{name}_is"] = ids
                condition = f"({condition} OR other_id = ANY (%({name}_is)s))"
            yield condition


PLAIN = {
    "least": "amount >= %(least)s",
    "most": "amount <= %(most)s",
    "incoming": "incoming = %(incoming)s",
    "kind": "kind = %(kind)s",
    "other": "other_id = %(other)s",
    "tag": """seq IN (SELECT tagged.seq FROM statements_tagged_line tagged JOIN statements_tag ON id = tag_id
      WHERE statements_tag.account_id = %(account)s AND tagged.account_id = %(account)s AND name = %(tag)s)""",
}


def ends(account: Account) -> tuple[int, int]:
    """The last of the account's lines that the worker has made ready, and the last one; 0 for none."""
    with connection.cursor() as cursor:
        cursor.execute(ENDS, [account.pk])
        taken_over, last = cursor.fetchone()
    return int(taken_over), int(last)


def escaped(word: str) -> str:
    """For LIKE, to stand for nothing but itself."""
    return word.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")


def accounts_called(account: Account, words: Sequence[str]) -> dict[str, list[int]]:
    """The accounts by what their customer calls them, which payments knows (settings.NICKNAMES): ids by word."""
    found: dict[str, list[int]] = import_string(settings.NICKNAMES)(account, words)
    return found
