"""PDF/A-3a and PDF/UA-1 at once (ISO 19005-3, ISO 14289-1): tagged, with the statement's JSON and its proof attached.

typst sets it (statement.typ, which only lays out: every text here comes from the statement and is inert there). Its
clock is the moment the statement was made, so the same statement gives the same bytes.
"""

import json
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import typst
from babel.dates import format_date, format_datetime

from ledger.currency import money
from statements.content import Line, StatementData
from statements.formats import json as json_format
from statements.formats.fonts import BOX, drawn, fonts
from web import regions

if TYPE_CHECKING:
    from typst import PDFStandard

TEMPLATE = Path(__file__).with_name("statement.typ")
STANDARDS: "list[PDFStandard]" = ["a-3a", "ua-1"]


def render(data: StatementData, *, part: int = 1, parts: int = 1) -> bytes:
    """Of one part of a large statement: `data` holds its entries alone."""
    for plainly in (False, True):
        try:
            with regions.bank():  # whoever asks for it: the same bytes
                return _compile(data, part, parts, plainly)
        except typst.TypstError:
            # Letters that no font has together, such as one of a script under an accent of another.
            if plainly:
                raise
    raise AssertionError("unreachable")


def _compile(data: StatementData, part: int, parts: int, plainly: bool) -> bytes:
    inputs = {"shown": json.dumps(shown(data, part, parts, plainly)), "json": json_format.render(data).decode()}
    if data.signature:
        inputs["proof"] = json_format.signed(data)
    made = typst.compile(
        _template(), font_paths=fonts(), ignore_system_fonts=True, sys_inputs=inputs, format="pdf",
        pdf_standards=STANDARDS, timestamp=int(data.made_at.timestamp()),
    )  # fmt: skip
    assert isinstance(made, bytes)
    return made


@cache
def _template() -> bytes:
    return TEMPLATE.read_bytes()


def shown(data: StatementData, part: int, parts: int, plainly: bool) -> dict[str, object]:
    """Every text of the document."""
    rows = [_row(line, data, plainly) for line in data.lines]
    label = f"Statement {data.label}" + (f", part {part} of {parts}" if parts > 1 else "")
    return {
        "bank": drawn(data.bank, plainly=plainly),
        "label": label,
        "title": data.period,
        "holder": drawn(data.holder, plainly=plainly),
        "account": " ".join(data.account_number[at : at + 4] for at in range(0, len(data.account_number), 4)),
        "currency": data.currency,
        "period": f"{_day(data, data.first_day)} to {_day(data, data.last_day)}",
        "zone": str(data.zone),
        "made": format_datetime(data.made_at.astimezone(data.zone), "d MMMM y, HH:mm", locale=regions.BANKS),
        "id": str(data.id),
        "attached": f"statement-{data.label}.json",
        "proof": f"statement-{data.label}.proof.json" if data.signature else "",
        "figures": [
            ["Balance before", money(data.opening, data.currency)],
            ["Came in", money(data.came_in, data.currency)],
            ["Went out", money(-data.went_out, data.currency)],
            ["Balance after", money(data.closing, data.currency)],
        ],
        "from": _day(data, data.first_day),
        "to": _day(data, data.last_day),
        "count": "1 entry" if len(rows) == 1 else f"{len(rows):,} entries",
        "rows": rows,
        "boxed": any(BOX in cell for row in rows for cell in (row["name"], row["note"])),
        "head": data.head.hex(),
    }


def _row(line: Line, data: StatementData, plainly: bool) -> dict[str, str]:
    local = line.posted_at.astimezone(data.zone)
    one_year = data.first_day.year == data.last_day.year
    amount = money(line.amount, data.currency)
    return {
        "day": format_date(local, "d MMM" if one_year else "d MMM y", locale=regions.BANKS).replace(" ", "\u00a0"),
        "time": f"{local:%H:%M}",
        "name": drawn(line.name, plainly=plainly),
        "handle": f"@{line.handle}" if line.handle else "",
        "word": line.word,
        "note": drawn(line.memo, plainly=plainly),
        "reference": line.reference,
        "amount": f"+{amount}" if line.came_in else amount,
        "in": "yes" if line.came_in else "",
        "balance": money(line.balance_after, data.currency),
    }


def _day(data: StatementData, day: object) -> str:
    return format_date(day, "d MMMM y", locale=regions.BANKS)  # type: ignore[arg-type]
