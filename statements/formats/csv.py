"""CSV as in RFC 4180: UTF-8, CRLF, a header, for spreadsheets as they are.

It begins with a byte order mark: without it Excel reads "Zoë" as "ZoÃ«". A text that a spreadsheet would take for a
formula gets an apostrophe in front (OWASP, CSV injection); amounts are numbers, and keep their minus.
"""

import csv
import io
from collections.abc import Iterable, Iterator
from zoneinfo import ZoneInfo

from statements.content import Line, StatementData
from statements.formats.amounts import decimal

MARK = "\ufeff"
HEADER = (
    "Date", "Time", "Name", "Handle", "Description", "Note", "Amount", "Balance", "Currency", "Reference",
    "Transaction ID", "Sequence",
)  # fmt: skip
# The last four are the same signs in full width, which Excel takes for them in East Asian editions.
FORMULA = tuple("=+-@\t\r\n＝＋－＠")


def render(data: StatementData) -> bytes:
    return "".join(rows(data.lines, data.currency, data.zone)).encode()


def rows(lines: Iterable[Line], currency: str, zone: ZoneInfo) -> Iterator[str]:
    """The file, row by row, of any lines of one account. Dates and times are `zone`'s, times with their offset."""
    yield MARK + _row(HEADER)
    for line in lines:
        day, _, clock = line.posted_at.astimezone(zone).isoformat(timespec="seconds").partition("T")
        yield _row(
            (
                day, clock, plain(line.name), plain(line.handle),
                line.word, plain(line.memo), decimal(line.amount, currency), decimal(line.balance_after, currency),
                currency, line.reference, str(line.transfer_id), str(line.seq),
            )
        )  # fmt: skip


def plain(text: str) -> str:
    """The text as no spreadsheet takes for a formula."""
    return f"'{text}" if text.startswith(FORMULA) else text


def _row(cells: Iterable[str]) -> str:
    written = io.StringIO()
    csv.writer(written, lineterminator="\r\n").writerow(cells)
    return written.getvalue()
