"""ISO 20022 camt.053.001.08, Bank to Customer Statement: the XML that accounting programs of companies read.

An entry's AcctSvcrRef is the transfer's id without hyphens: EndToEndId is the payer's own, and need not be unique.
"""

import io
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from lxml import etree

from statements.content import Line, StatementData
from statements.formats.amounts import decimal
from statements.formats.texts import printable

NAMESPACE = "urn:iso:std:iso:20022:tech:xsd:camt.053.001.08"
NAME_MOST, REMARK_MOST = 140, 140  # characters: Max140Text


class Writer:
    """Elements one after the other, so that no statement stands in memory as a tree."""

    def __init__(self, file: Any) -> None:
        self.file = file

    @contextmanager
    def inside(self, *names: str, **attributes: str) -> Iterator[None]:
        first, *rest = names
        with self.file.element(f"{{{NAMESPACE}}}{first}", **attributes):
            if rest:
                with self.inside(*rest):
                    yield
            else:
                yield

    def text(self, *names: str, value: str, **attributes: str) -> None:
        """The innermost of the named elements holds the value, and the attributes."""
        *outer, last = names
        if outer:
            with self.inside(*outer):
                self.text(last, value=value, **attributes)
            return
        with self.file.element(f"{{{NAMESPACE}}}{last}", **attributes):
            self.file.write(printable(value))


def render(data: StatementData) -> bytes:
    written = io.BytesIO()
    with etree.xmlfile(written, encoding="utf-8") as file:
        file.write_declaration()
        with file.element(f"{{{NAMESPACE}}}Document", nsmap={None: NAMESPACE}):
            _message(Writer(file), data)
    return written.getvalue() + b"\n"


def _message(to: Writer, data: StatementData) -> None:
    with to.inside("BkToCstmrStmt"):
        with to.inside("GrpHdr"):
            to.text("MsgId", value=data.id.hex)
            to.text("CreDtTm", value=_moment(data.made_at, data))
        with to.inside("Stmt"):
            _heading(to, data)
            for code, amount, day in (("OPBD", data.opening, data.first_day), ("CLBD", data.closing, data.last_day)):
                with to.inside("Bal"):
                    to.text("Tp", "CdOrPrtry", "Cd", value=code)
                    _amount(to, amount, data.currency)
                    to.text("Dt", "Dt", value=day.isoformat())
            _totals(to, data)
            for line in data.lines:
                with to.inside("Ntry"):
                    _entry(to, line, data)


def _heading(to: Writer, data: StatementData) -> None:
    to.text("Id", value=data.id.hex)
    if data.monthly:
        to.text("ElctrncSeqNb", value=str(data.number))
    to.text("CreDtTm", value=_moment(data.made_at, data))
    with to.inside("FrToDt"):
        to.text("FrDtTm", value=_moment(data.begins, data))
        to.text("ToDtTm", value=_moment(data.ends, data))
    with to.inside("Acct"):
        to.text("Id", "Othr", "Id", value=data.account_number)
        to.text("Ccy", value=data.currency)
        to.text("Ownr", "Nm", value=data.holder[:NAME_MOST])
        to.text("Svcr", "FinInstnId", "Nm", value=data.bank[:NAME_MOST])


def _totals(to: Writer, data: StatementData) -> None:
    """Sums of amounts that came in and went out, neither negative."""
    count_in = sum(line.came_in for line in data.lines)
    with to.inside("TxsSummry"):
        for name, count, total in (
            ("TtlCdtNtries", count_in, data.came_in),
            ("TtlDbtNtries", len(data.lines) - count_in, data.went_out),
        ):
            with to.inside(name):
                to.text("NbOfNtries", value=str(count))
                to.text("Sum", value=decimal(total, data.currency))


def _entry(to: Writer, line: Line, data: StatementData) -> None:
    to.text("NtryRef", value=str(line.seq))
    _amount(to, line.amount, data.currency)
    if line.reverses:
        to.text("RvslInd", value="true")
    to.text("Sts", "Cd", value="BOOK")
    for name in ("BookgDt", "ValDt"):
        to.text(name, "DtTm", value=_moment(line.posted_at, data))
    to.text("AcctSvcrRef", value=line.transfer_id.hex)
    to.text("BkTxCd", "Prtry", "Cd", value=line.kind)
    with to.inside("NtryDtls", "TxDtls"):
        with to.inside("Refs"):
            to.text("AcctSvcrRef", value=line.transfer_id.hex)
            to.text("EndToEndId", value="NOTPROVIDED")
            to.text("TxId", value=line.reference)
        _amount(to, line.amount, data.currency)
        to.text("RltdPties", "Dbtr" if line.came_in else "Cdtr", "Pty", "Nm", value=line.name[:NAME_MOST])
        remark = printable(line.memo).strip()
        if remark:
            with to.inside("RmtInf"):
                for start in range(0, len(remark), REMARK_MOST):
                    to.text("Ustrd", value=remark[start : start + REMARK_MOST])


def _amount(to: Writer, amount: int, currency: str) -> None:
    to.text("Amt", value=decimal(abs(amount), currency), Ccy=currency)
    to.text("CdtDbtInd", value="CRDT" if amount >= 0 else "DBIT")


def _moment(at: datetime, data: StatementData) -> str:
    """With its offset, to the microsecond."""
    return at.astimezone(data.zone).isoformat(timespec="microseconds")
