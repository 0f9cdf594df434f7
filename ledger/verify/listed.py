"""The rules that are rows: between whom the site posts what, and in which currencies it opens wallets.

The owner writes them after each migrate (ledger/grants.py). A row more is a way out of the bank's own accounts.
"""

from collections.abc import Iterator

from django.conf import settings
from django.db.backends.utils import CursorWrapper

from ledger.grants import DEMO_MONEY, PAYMENTS
from ledger.snapshot import fetch
from ledger.verify.fault import Fault

LISTED = """
SELECT format('posting rule %s from %s to %s, asked for by %s', kind, debit, credit, initiator)
FROM ONLY public.ledger_posting_rule
UNION ALL SELECT format('currency %s', code) FROM ONLY public.ledger_currency"""


def faults(cursor: CursorWrapper) -> Iterator[Fault]:
    """Compares with the settings DEMO and CURRENCY, by which they were written."""
    rules = PAYMENTS + (DEMO_MONEY if settings.DEMO else [])
    expected = {f"currency {settings.CURRENCY}"} | {
        f"posting rule {kind} from {debit} to {credit}, asked for by {initiator}"
        for kind, debit, credit, initiator in rules
    }
    found = {str(listed) for (listed,) in fetch(cursor, LISTED)}
    yield from (Fault("a rule or right is missing", name) for name in sorted(expected - found))
    yield from (Fault("a rule or right was added", name) for name in sorted(found - expected))
