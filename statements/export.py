"""Entries of any choice as a CSV file, such as what a filter of the activity found."""

from collections.abc import Iterator

from django.db.models import QuerySet

from ledger.models import Account, Entry
from statements import content, making
from statements.formats import csv


def entries_csv(account: Account, entries: QuerySet[Entry]) -> Iterator[str]:
    """The rows of the file, in the queryset's order, with names as they are today. All entries are `account`'s.

    It holds balances: whoever serves it asks for the view PIN first.
    """
    return csv.rows(content.lines_of(account, entries), account.currency, making.zone())
