"""Lines of any choice as a CSV file: what a filter of the activity found."""

from collections.abc import Iterator

from ledger.models import Account, Entry
from statements import content, making
from statements.formats import csv
from statements.search import Filter


def csv_of(account: Account, wanted: Filter) -> Iterator[str]:
    """The file, some rows at a time, newest first, with names as they are today.

    It holds balances: whoever serves it asks for the view PIN first.
    """
    return csv.rows(_lines(account, wanted), account.currency, making.zone())


def _lines(account: Account, wanted: Filter) -> Iterator[content.Line]:
    for seqs in wanted.chunks(account):
        yield from content.lines_of(account, Entry.objects.filter(account=account, seq__in=seqs).order_by("-seq"))
