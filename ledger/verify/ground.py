"""Are the tables of the books what they seem: ordinary tables, that hide nothing and share nothing?

Asked apart from the manifest, since the proof of the rows stands on it: a view may show other rows than there are, and
runs somebody's functions when it is read.
"""

from collections.abc import Iterator

from django.contrib.auth import get_user_model
from django.db.backends.utils import CursorWrapper

from ledger.snapshot import fetch
from ledger.verify.fault import Fault

BOOKS = (
    "ledger_account", "ledger_transfer", "ledger_entry", "ledger_hot_account", "ledger_account_change",
    "ledger_currency", "ledger_posting_rule", "ledger_log_leaf", "ledger_log_node", "ledger_log_checkpoint",
    "ledger_log_cosignature",
)  # fmt: skip


class Unsound(Exception):
    """The books are in no state to be signed or exported: verify_ledger names what is wrong."""


def users() -> str:
    """The table of those who own wallets and initiate transfers."""
    return get_user_model()._meta.db_table


def faults(cursor: CursorWrapper) -> Iterator[Fault]:
    for name, wrong in fetch(cursor, RELATIONS, [[*BOOKS, users()]]):
        yield Fault("a table of the books is not an ordinary one", f"{name} {wrong}")


def is_readable(cursor: CursorWrapper) -> bool:
    """Whether reading them reads tables, and runs nothing of anybody's."""
    query = (
        "SELECT count(*) FROM pg_class WHERE relnamespace = to_regnamespace('public') AND relname = ANY (%s)"
        " AND relkind = 'r'"
    )
    names = [*BOOKS, users()]
    return int(fetch(cursor, query, [names])[0][0]) == len(names)


def require(cursor: CursorWrapper) -> None:
    """Raises Unsound, so that nobody signs or exports rows that were only shown."""
    for fault in faults(cursor):
        raise Unsound(f"{fault}. Run verify_ledger.")


RELATIONS = """
SELECT name, wrong FROM unnest(%s::text[]) AS asked(name)
LEFT JOIN pg_class c ON c.relname = name AND c.relnamespace = to_regnamespace('public')
CROSS JOIN LATERAL (VALUES
  (c.oid IS NULL, 'is not there'),
  (c.relkind = 'v', 'is a view'), (c.relkind = 'm', 'is a materialised view'), (c.relkind = 'f', 'is a foreign table'),
  (c.relkind = 'p', 'is partitioned'), (c.relkind NOT IN ('r', 'v', 'm', 'f', 'p'), 'is no table'),
  (c.relpersistence <> 'p', 'is unlogged'), (c.relrowsecurity OR c.relforcerowsecurity, 'has row security'),
  (EXISTS (SELECT FROM pg_policy WHERE polrelid = c.oid), 'has a policy of row security'),
  (EXISTS (SELECT FROM pg_rewrite WHERE ev_class = c.oid) AND c.relkind = 'r', 'has a rewrite rule'),
  (EXISTS (SELECT FROM pg_inherits WHERE inhparent = c.oid), 'has children'),
  (EXISTS (SELECT FROM pg_inherits WHERE inhrelid = c.oid), 'is a child of another table'),
  (EXISTS (SELECT FROM pg_class o WHERE o.relname = name AND o.relkind IN ('r', 'v', 'm', 'f', 'p')
    AND o.oid IS DISTINCT FROM c.oid), 'has a namesake in another schema')
) AS found(is_so, wrong)
WHERE is_so"""
