"""OFX 2.1.1, which is XML in UTF-8 (https://financialdataexchange.org/ofx, "OFX Banking 2.1.1").

What programs get wrong decides the rest: LibOFX reads a bare date as noon somewhere else, so each time has its zone;
importers know entries again by FITID, so it is the transfer's id; and some lose a NAME that is not ASCII.
"""

from datetime import UTC, datetime, timedelta
from xml.sax.saxutils import escape

from statements.content import Line, StatementData
from statements.formats.amounts import decimal
from statements.formats.texts import ascii_of, printable

HEADER = (
    '<?xml version="1.0" encoding="UTF-8" standalone="no"?>\n'
    '<?OFX OFXHEADER="200" VERSION="211" SECURITY="NONE" OLDFILEUID="NONE" NEWFILEUID="NONE"?>\n'
)
NAME_MOST, MEMO_MOST, BANK_MOST = 32, 255, 9
FINE = ("<STATUS>", "<CODE>0</CODE>", "<SEVERITY>INFO</SEVERITY>", "</STATUS>")
TYPES = {"deposit": "DEP", "salary": "DIRECTDEP"}
HOUR = timedelta(hours=1)


def render(data: StatementData) -> bytes:
    lines = ["<OFX>", *_signed_on(data), "<BANKMSGSRSV1>", "<STMTTRNRS>", f"<TRNUID>{data.id}</TRNUID>", *FINE]
    lines += ["<STMTRS>", f"<CURDEF>{data.currency}</CURDEF>", *_account(data), "<BANKTRANLIST>"]
    lines += [f"<DTSTART>{_moment(data.begins, data)}</DTSTART>", f"<DTEND>{_moment(data.ends, data)}</DTEND>"]
    for line in data.lines:
        lines += _transaction(line, data)
    lines += ["</BANKTRANLIST>", "<LEDGERBAL>", f"<BALAMT>{decimal(data.closing, data.currency)}</BALAMT>"]
    lines += [f"<DTASOF>{_moment(data.ends, data)}</DTASOF>", "</LEDGERBAL>", "</STMTRS>"]
    lines += ["</STMTTRNRS>", "</BANKMSGSRSV1>", "</OFX>", ""]
    return (HEADER + "\n".join(lines)).encode()


def _signed_on(data: StatementData) -> list[str]:
    return [
        "<SIGNONMSGSRSV1>", "<SONRS>", *FINE, f"<DTSERVER>{_moment(data.made_at, data)}</DTSERVER>",
        "<LANGUAGE>ENG</LANGUAGE>", "</SONRS>", "</SIGNONMSGSRSV1>",
    ]  # fmt: skip


def _account(data: StatementData) -> list[str]:
    bank = "".join(filter(str.isalnum, ascii_of(data.bank))).upper()[:BANK_MOST] or "BANK"
    return [
        "<BANKACCTFROM>", f"<BANKID>{bank}</BANKID>", f"<ACCTID>{data.account_number}</ACCTID>",
        "<ACCTTYPE>CHECKING</ACCTTYPE>", "</BANKACCTFROM>",
    ]  # fmt: skip


def _transaction(line: Line, data: StatementData) -> list[str]:
    kind = TYPES.get(line.kind) if line.came_in else None
    name = (ascii_of(line.name) or line.handle or line.word)[:NAME_MOST].strip()
    whom = f"{line.name} @{line.handle}" if line.handle else line.name
    memo = printable(" · ".join(filter(None, (whom, line.memo, line.reference))))
    return [
        "<STMTTRN>",
        f"<TRNTYPE>{kind or ('CREDIT' if line.came_in else 'DEBIT')}</TRNTYPE>",
        f"<DTPOSTED>{_moment(line.posted_at, data)}</DTPOSTED>",
        f"<TRNAMT>{decimal(line.amount, data.currency)}</TRNAMT>",
        f"<FITID>{line.transfer_id}</FITID>",
        f"<REFNUM>{line.reference}</REFNUM>",
        f"<NAME>{escape(name)}</NAME>",
        f"<MEMO>{escape(memo[:MEMO_MOST].rstrip())}</MEMO>",
        "</STMTTRN>",
    ]


def _moment(at: datetime, data: StatementData) -> str:
    """In the bank's zone, so that also who drops the zone has the bank's day; UTC where that is not whole hours off."""
    local = at.astimezone(data.zone)
    offset = local.utcoffset() or timedelta()
    if offset % HOUR:
        local, offset = at.astimezone(UTC), timedelta()
    hours = offset // HOUR
    return f"{local:%Y%m%d%H%M%S}.{local.microsecond // 1000:03}[{f'{hours:+}' if hours else '0'}:{_zone(local)}]"


def _zone(local: datetime) -> str:
    name = local.tzname() or ""
    return name if name.isalpha() and name.isascii() and name != "UTC" else "GMT" if not local.utcoffset() else "LCL"
