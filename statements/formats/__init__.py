"""The files of a statement, a module a format. Each is a pure function: the same statement gives the same bytes."""

from collections.abc import Callable
from typing import NamedTuple

from statements.content import StatementData
from statements.formats import camt053, csv, json, ofx, pdf


class Format(NamedTuple):
    suffix: str
    name: str
    use: str
    content_type: str
    render: Callable[[StatementData], bytes]


FORMATS = {
    one.suffix: one
    for one in (
        Format("pdf", "PDF", "To read, print and keep", "application/pdf", pdf.render),
        Format("csv", "CSV", "For spreadsheets", "text/csv; charset=utf-8", csv.render),
        Format("ofx", "OFX", "For accounting programs", "application/x-ofx", ofx.render),
        Format("xml", "camt.053", "For accounting programs, ISO 20022", "application/xml", camt053.render),
        Format("json", "JSON", "For programs, with what proves it", "application/json", json.render),
    )
}
