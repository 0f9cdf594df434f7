"""The five formats, each read back by somebody else's program."""

import csv
import hashlib
import io
import json
import re
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone
from ofxtools.Parser import OFXTree

from ledger.currency import major
from ledger.models import Entry
from statements.content import StatementData
from statements.formats import FORMATS
from statements.formats import csv as csv_format
from statements.formats.texts import ascii_of, printable
from tests.ledger.books import BOTH
from tests.statements.books import MEMOS, data_of, history
from tests.statements.pdf_reader import Document
from tests.statements.readers import READERS, libofx, read_camt, schema
from tests.statements.samples import line, of, sample

SUFFIXES = list(FORMATS)
MICROSECOND = timedelta(microseconds=1)
MONTHS = [(date(2026, 3, 1), date(2026, 3, 31)), (date(2026, 4, 1), date(2026, 4, 30))]


@pytest.mark.django_db(transaction=True, databases=BOTH)
def test_three_thousand_entries_in_three_currencies_equal_the_books_in_every_format(tmp_path: Path) -> None:
    for seed, currency in enumerate(("EUR", "JPY", "BHD")):
        account = history(1_000, currency, seed=seed)
        books = list(Entry.objects.of(account).order_by("seq"))
        assert books[-1].balance_after == sum(entry.signed_amount for entry in books) == account.balance
        months = [data_of(account, *days) for days in MONTHS]
        assert [line.seq for data in months for line in data.lines] == [entry.seq for entry in books]
        assert all(len(data.lines) > 100 for data in months)
        assert {line.memo for data in months for line in data.lines} == set(MEMOS)
        for data in months:
            agrees_with_the_books(data, books[data.first_seq - 1 : data.last_seq], tmp_path)
        assert [data.opening for data in months] == [0, months[0].closing]
        assert months[1].closing == account.balance and months[1].head == bytes(account.head)


def agrees_with_the_books(data: StatementData, entries: list[Entry], folder: Path) -> None:
    amounts, balances = zip(*((entry.signed_amount, entry.balance_after) for entry in entries), strict=True)
    files = {suffix: FORMATS[suffix].render(data) for suffix in SUFFIXES}
    for suffix, content in files.items():
        assert content == FORMATS[suffix].render(data), suffix
        read = READERS[suffix](content, data.currency)
        assert read.amounts == list(amounts), suffix
        assert read.balances in (None, list(balances)), suffix
        assert read.opening in (None, balances[0] - amounts[0]), suffix
        assert read.closing == (None if suffix == "csv" else balances[-1]), suffix
    seen = re.findall(r"Total money amount: *(-?[0-9.]+)", libofx(files["ofx"], folder))
    assert seen == [f"{float(major(amount, data.currency)):.2f}" for amount in amounts]
    schema().validate(io.BytesIO(files["xml"]))


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_it_makes_the_same_bytes_again(suffix: str) -> None:
    assert FORMATS[suffix].render(sample()) == FORMATS[suffix].render(sample())


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_a_month_without_entries_is_valid(suffix: str, tmp_path: Path) -> None:
    content = FORMATS[suffix].render(of([]))
    read = READERS[suffix](content, "EUR")
    assert read.amounts == []
    assert read.closing in (None, 12_50)
    if suffix == "xml":
        schema().validate(io.BytesIO(content))
    if suffix == "ofx":
        assert "Account" in libofx(content, tmp_path)


# CSV


def test_csv_is_as_rfc_4180_says() -> None:
    content = FORMATS["csv"].render(of([line(1, -5_00, 7_50, memo='say "hi", twice')]))
    assert content.startswith(b"\xef\xbb\xbfDate,Time,")
    assert content.count(b"\r\n") == 2 and content.count(b"\n") == 2
    assert b'"say ""hi"", twice"' in content
    assert b",-5.00,7.50,EUR," in content


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "＝1", "＠x"])
def test_no_cell_is_a_formula(text: str) -> None:
    data = of([line(1, -5_00, 7_50, memo=text, name=text, handle="ada")])
    (row,) = csv.DictReader(io.StringIO(FORMATS["csv"].render(data).decode("utf-8-sig"), newline=""))
    assert row["Note"] == row["Name"] == f"'{text}"
    assert row["Amount"] == "-5.00"  # a number


def test_csv_says_times_as_the_bank_has_them() -> None:
    late = line(1, 5, 5, posted_at=datetime(2026, 10, 24, 23, 30, tzinfo=UTC))
    rows = list(csv_format.rows([late], "JPY", ZoneInfo("Europe/Berlin")))
    assert rows[1].startswith("2026-10-25,01:30:00+02:00,")


# OFX


def ofx(data: object) -> object:
    tree = OFXTree()
    tree.parse(io.BytesIO(FORMATS["ofx"].render(data)))  # type: ignore[arg-type]
    return tree.convert().statements[0]


def test_ofx_knows_each_entry_by_its_transfer_and_says_when_exactly() -> None:
    data = sample()
    transactions = ofx(data).transactions  # type: ignore[attr-defined]
    assert [one.fitid for one in transactions] == [str(one.transfer_id) for one in data.lines]
    assert len({one.fitid for one in transactions}) == len(transactions)
    assert [one.dtposted for one in transactions] == [
        one.posted_at.replace(microsecond=one.posted_at.microsecond // 1000 * 1000) for one in data.lines
    ]
    content = FORMATS["ofx"].render(data)
    assert b"<DTPOSTED>20261001110500.123[+2:CEST]</DTPOSTED>" in content
    assert not re.search(rb"<DT[A-Z]+>[0-9]{8}<", content)


def test_ofx_has_a_name_in_ascii_and_the_whole_one_beside_it() -> None:
    data = of([line(1, -5_00, 7_50, name="Łukasz Żółw", handle="luk"), line(2, -1, 7_49, name="山田", handle="yam")])
    polish, japanese = ofx(data).transactions  # type: ignore[attr-defined]
    assert (polish.name, japanese.name) == ("Lukasz Zolw", "yam")
    assert polish.memo.startswith("Łukasz Żółw @luk") and japanese.memo.startswith("山田 @yam")


@pytest.mark.parametrize("zone", ["UTC", "Asia/Kolkata", "America/New_York", "Australia/Eucla"])
def test_both_readers_of_ofx_understand_its_zones(zone: str, tmp_path: Path) -> None:
    data = replace(sample(2), zone=ZoneInfo(zone))
    assert ofx(data).transactions[0].dtposted == datetime(2026, 10, 1, 9, 5, 0, 123000, tzinfo=UTC)  # type: ignore[attr-defined]
    assert "Thu Oct  1 09:05:00 2026" in libofx(FORMATS["ofx"].render(data), tmp_path)


# camt.053


def test_camt_is_valid_and_says_who_and_what_for() -> None:
    long = "x" * 150 + "y" * 50
    data = of([line(1, -5_00, 7_50, memo=long, name="Łukasz"), line(2, 5_00, 12_50, reverses=True, memo="\x01a\x0bb")])
    content = FORMATS["xml"].render(data)
    schema().validate(io.BytesIO(content))
    text = content.decode()
    assert f"<Ustrd>{long[:140]}</Ustrd><Ustrd>{long[140:]}</Ustrd>" in text
    assert "<Cdtr><Pty><Nm>Łukasz</Nm>" in text and "<RvslInd>true</RvslInd>" in text
    assert "<Ustrd>a b</Ustrd>" in text
    assert "<ElctrncSeqNb>7</ElctrncSeqNb>" in text
    assert read_camt(content, "EUR").amounts == [-5_00, 5_00]


def test_a_balance_below_zero_is_a_debit() -> None:
    content = FORMATS["xml"].render(of([], opening=-5_00, closing=-5_00))
    assert (read_camt(content, "EUR").opening, read_camt(content, "EUR").closing) == (-5_00, -5_00)


# PDF


def test_pdf_is_tagged_titled_and_in_order() -> None:
    found = Document(FORMATS["pdf"].render(sample()))
    metadata = found.root.Metadata.read_bytes().decode()
    assert "<pdfaid:part>3</pdfaid:part><pdfaid:conformance>A</pdfaid:conformance>" in metadata
    assert "<pdfuaid:part>1</pdfuaid:part>" in metadata
    assert str(found.root.Lang) == "en-GB"
    assert found.root.MarkInfo.Marked and found.root.ViewerPreferences.DisplayDocTitle
    assert "Twofold statement, October 2026" in metadata
    assert metadata.count("2026-11-01T00:05:00+00:00") >= 2  # when it was made, by no other clock
    headings = [tag.text for level in ("H1", "H2") for tag in found.tags.all(level)]
    assert headings == ["October 2026", "Summary", "12 entries", "How to check this statement"]
    heads = list(found.tags.all("TH"))
    assert [tag.text for tag in heads[-4:]] == ["Date", "What", "Amount", "Balance"]
    assert {tag.attributes["Scope"] for tag in heads} == {"/Column"}
    text = found.tags.text
    places = [text.index(part) for part in ("Ada Lovelace", "Balance before", "11:05", "How to check")]
    assert places == sorted(places)


def test_pdf_brings_its_json_along() -> None:
    data = sample()
    pdf = Document(FORMATS["pdf"].render(data)).pdf
    assert pdf.attachments["statement-7.json"].get_file().read_bytes() == FORMATS["json"].render(data)
    (file,) = pdf.Root.AF
    assert file.AFRelationship == "/Data"


def test_letters_that_no_font_has_are_boxes_and_said_to_be() -> None:
    text = Document(FORMATS["pdf"].render(of([line(1, -5_00, 7_50, name="山田", memo="🎉 Łódź")]))).tags.text
    assert "□□" in text and "□ Łódź" in text and "shown as boxes" in text
    assert "shown as boxes" not in Document(FORMATS["pdf"].render(of([line(1, -5_00, 7_50)]))).tags.text


@pytest.mark.parametrize(
    "text", ["#panic()", "$x$ *a* _b_", "<label> @ref", "\\ \\u{1}", "a\u0301\u0e31", "ا\u0301\u0e31"]
)
def test_no_text_is_markup_or_breaks_it(text: str) -> None:
    content = FORMATS["pdf"].render(of([line(1, -5_00, 7_50, memo=text)]))
    if text.isascii():
        assert text in Document(content).tags.text


# JSON


def test_json_has_what_proves_it() -> None:
    data = sample()
    found = json.loads(FORMATS["json"].render(data))
    assert found["format"] == "twofold-statement-1"
    assert found["entries"][0]["posted_at"] == "2026-10-01T09:05:00.123456Z"
    assert {len(entry["digest"]) for entry in found["entries"]} == {64}
    assert found["period"]["begins"] == "2026-10-01T00:00:00+02:00"
    assert found["period"]["ends"] == "2026-11-01T00:00:00+01:00"


def test_a_period_that_is_not_over_ends_when_it_was_made() -> None:
    made_at = datetime(2026, 10, 20, 12, 0, tzinfo=UTC)
    assert sample(made_at=made_at).ends == made_at


# Texts


def test_texts_in_ascii() -> None:
    assert ascii_of("Łukasz Żółw-Ångström ß") == "Lukasz Zolw-Angstrom ss"
    assert ascii_of("山田") == ascii_of("Ирина") == ""


def test_texts_in_xml_hold_no_control_characters() -> None:
    assert printable("a\x00\x1fb\ufffe") == "a  b\ufffd"
    assert timezone.is_aware(sample().ends)


def chained(content: bytes) -> list[str]:
    """What is wrong with a statement's digests, as docs/statement-format.md says to check it: with no code of ours."""
    said = json.loads(content)
    head, balance, wrong = bytes.fromhex(said["opening"]["head"]), said["opening"]["minor"], []
    for seq, entry in enumerate(said["entries"], said["first_seq"]):
        at = datetime.fromisoformat(entry["posted_at"]) - datetime(2000, 1, 1, tzinfo=UTC)
        numbers = (
            (said["account"]["id"], entry["seq"]),
            (abs(entry["minor"]), entry["balance_after"], at // MICROSECOND),
        )
        before, after = (b"".join(number.to_bytes(8, "big", signed=True) for number in some) for some in numbers)
        side = {"debit": b"D", "credit": b"C"}[entry["side"]]
        head = hashlib.sha256(b"\x02" + head + bytes.fromhex(entry["fingerprint"]) + before + side + after).digest()
        balance += entry["minor"]
        if (seq, head.hex(), balance) != (entry["seq"], entry["digest"], entry["balance_after"]):
            wrong.append(f"entry {seq}")
    if (head.hex(), balance) != (said["closing"]["head"], said["closing"]["minor"]):
        wrong.append("closing")
    return wrong


@pytest.mark.django_db(transaction=True, databases=BOTH)
def test_the_json_proves_itself_up_to_the_accounts_head() -> None:
    data = data_of(history(60, "EUR", seed=3), *MONTHS[0])
    content = FORMATS["json"].render(data)
    assert len(data.lines) == 60
    assert chained(content) == []
    for name, other in (("minor", 7), ("posted_at", "2026-03-02T00:00:00.000000Z"), ("seq", 9), ("side", "debit")):
        said = json.loads(content)
        entry = next(one for one in said["entries"] if one[name] != other)
        entry[name] = other
        assert chained(json.dumps(said).encode()), name
