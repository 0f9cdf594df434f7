"""/statements/: the list, the form for another period, a statement's page, its files behind the view PIN."""

import json
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.utils import timezone

from accounts.models import User
from ledger.log import signing
from ledger.log.following import Follower
from ledger.models import Account
from statements import making, pdf_parts, sealing
from statements.formats import FORMATS
from statements.models import PdfPart, Statement
from tests.people import reveal
from tests.statements.books import pay
from tests.statements.pdf_reader import Document

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "serializable"])

START = datetime(2026, 1, 20, 12, tzinfo=UTC)


@pytest.fixture
def hers(ada: User, grace: User) -> Account:
    """€100.00 in January, €12.34 out in February."""
    hers = Account.objects.for_owner(ada)
    pay(Account.objects.system("settlement"), hers, 100_00, START, kind="deposit")
    pay(hers, Account.objects.for_owner(grace), 12_34, START + timedelta(days=20), memo="Lunch")
    return hers


@pytest.fixture
def january(hers: Account) -> Statement:
    statement = making.make_monthly(hers, date(2026, 1, 1))
    assert statement
    return statement


def ask(client: Client, first: object, last: object) -> Any:
    return client.post("/statements/", {"first_day": str(first), "last_day": str(last)})


def errors(page: Any) -> dict[str, list[str]]:
    return dict(page.context["form"].errors)


def test_it_lists_each_month_by_year(as_ada: Client, january: Statement, hers: Account) -> None:
    making.make_monthly(hers, date(2026, 2, 1))
    html = as_ada.get("/statements/").content.decode()
    assert html.index("February 2026") < html.index("January 2026")
    for suffix in FORMATS:
        assert f'href="/statements/{january.id}.{suffix}"' in html
    assert "100.00" not in html
    reveal(as_ada)
    assert "€87.66" in as_ada.get("/statements/").content.decode()


def test_it_says_when_the_first_comes(as_ada: Client) -> None:
    assert "Your first statement comes when this month is over" in as_ada.get("/statements/").content.decode()


def test_another_period_is_made_at_once(as_ada: Client, hers: Account) -> None:
    answer = ask(as_ada, "2026-01-25", "25/02/2026")
    made = Statement.objects.get()
    assert answer["Location"] == f"/statements/{made.id}/"
    assert (made.opening, made.closing, made.count) == (100_00, 87_66, 1)
    page = as_ada.get(answer["Location"]).content.decode()
    assert "25 January to 25 February 2026" in page and "Statement R1" in page and "Lunch" in page
    assert "R1" in as_ada.get("/statements/").content.decode()
    assert ask(as_ada, "2026-01-25", "2026-02-25")["Location"] == answer["Location"]


@pytest.mark.parametrize(
    ("first", "last", "field", "words"),
    [
        ("2026-01-19", "2026-02-01", "first_day", "opened on 20/01/2026"),
        ("2026-02-02", "2026-02-01", "last_day", "before the first day"),
        ("2026-02-02", "2999-02-01", "last_day", "still to come"),
        ("2999-02-02", "2999-02-01", "first_day", "still to come"),
        ("", "2026-02-01", "first_day", "Enter the first day"),
        ("2026-02-30", "2026-03-01", "first_day", "day of the calendar"),
        ("2026-02-0\x00", "2026-03-01", "first_day", "day of the calendar"),
        ("1" * 5000, "2026-03-01", "first_day", "day of the calendar"),
    ],
)
def test_a_period_that_cannot_be_is_refused_beside_its_field(
    as_ada: Client, hers: Account, first: str, last: str, field: str, words: str
) -> None:
    page = ask(as_ada, first, last)
    assert words in errors(page)[field][0]
    assert Statement.objects.count() == 0


def test_more_than_366_days_are_refused(as_ada: Client, hers: Account) -> None:
    with time_machine.travel(datetime(2027, 6, 1, tzinfo=UTC), tick=False):
        as_ada = sign_in_again(as_ada, hers)
        page = ask(as_ada, "2026-01-20", "2027-01-21")
        assert errors(page) == {
            "last_day": ["A statement covers at most 366 days: these are 367. Ask for two statements."]
        }
        assert ask(as_ada, "2026-01-20", "2027-01-20").status_code == 302


def sign_in_again(client: Client, account: Account) -> Client:
    from tests.people import sign_in

    assert account.owner
    return sign_in(account.owner)


def test_today_ends_now(as_ada: Client, hers: Account) -> None:
    today = timezone.localdate()
    first = ask(as_ada, today, today)["Location"]
    assert ask(as_ada, today, today)["Location"] == first
    pay(Account.objects.system("settlement"), hers, 1, timezone.now(), kind="deposit")
    assert ask(as_ada, today, today)["Location"] != first


def test_too_many_are_refused_in_words(as_ada: Client, hers: Account, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(making, "REQUESTS_A_DAY", 0)
    assert "Ask for more tomorrow" in ask(as_ada, "2026-01-25", "2026-02-25").content.decode()


# One statement


def test_a_page_holds_no_balance_before_the_view_pin(as_ada: Client, hers: Account) -> None:
    made = making.make_requested(hers, date(2026, 2, 1), date(2026, 2, 28))
    path = f"/statements/{made.id}/"
    page = as_ada.get(path).content.decode()
    assert "100.00" not in page and "87.66" not in page
    reveal(as_ada)
    page = as_ada.get(path).content.decode()
    assert "€100.00" in page and "€87.66" in page


@pytest.mark.parametrize("suffix", list(FORMATS))
def test_a_file_takes_the_view_pin(as_ada: Client, january: Statement, suffix: str) -> None:
    path = f"/statements/{january.id}.{suffix}"
    answer = as_ada.get(path)
    assert answer["Location"] == f"/wallet/reveal/?next=%2Fstatements%2F{january.id}%2F"
    back = as_ada.post(answer["Location"], {"pin": "7306", "next": f"/statements/{january.id}/"})
    assert back["Location"] == f"/statements/{january.id}/"
    answer = as_ada.get(path)
    assert answer.status_code == 200
    assert answer["Content-Disposition"] == f'attachment; filename="twofold-2026-01-statement-1.{suffix}"'
    assert answer["Content-Type"] == FORMATS[suffix].content_type
    assert answer["Cache-Control"] == "no-store" and answer["X-Content-Type-Options"] == "nosniff"
    assert answer.content == as_ada.get(path).content


def test_a_file_stays_what_it_was(as_ada: Client, hers: Account, grace: User, settings: Any) -> None:
    made = making.make_requested(hers, date(2026, 1, 20), date(2026, 2, 28))
    reveal(as_ada)
    before = {suffix: as_ada.get(f"/statements/{made.id}.{suffix}").content for suffix in FORMATS}
    User.objects.filter(pk=grace.pk).update(full_name="Somebody Else", handle="else")
    User.objects.filter(pk=hers.owner_id).update(full_name="Ada King")
    pay(hers, Account.objects.for_owner(grace), 1, timezone.now())
    settings.SITE_NAME, settings.TIME_ZONE = "Another", "Asia/Tokyo"
    after = {suffix: as_ada.get(f"/statements/{made.id}.{suffix}").content for suffix in FORMATS}
    assert [suffix for suffix in FORMATS if before[suffix] != after[suffix]] == []
    assert b"Grace Hopper" in after["csv"] and json.loads(after["json"])["holder"] == "Ada Lovelace"


def test_another_customers_is_not_there(as_grace: Client, january: Statement) -> None:
    reveal(as_grace)
    paths = ["/", "/pdf/1.pdf", *(f".{suffix}" for suffix in FORMATS)]
    assert {as_grace.get(f"/statements/{january.id}{path}").status_code for path in paths} == {404}
    assert as_grace.post(f"/statements/{january.id}/pdf/").status_code == 404


@pytest.mark.parametrize(("bank", "name"), [('Zoë "&\r\n Söhne', "zoe-sohne"), ("山田", "bank")])
def test_a_files_name_is_plain_whatever_the_bank_is_called(
    as_ada: Client, hers: Account, settings: Any, bank: str, name: str
) -> None:
    settings.SITE_NAME = bank
    made = making.make_requested(hers, date(2026, 1, 20), date(2026, 1, 31))
    reveal(as_ada)
    disposition = as_ada.get(f"/statements/{made.id}.csv")["Content-Disposition"]
    assert disposition == f'attachment; filename="{name}-2026-01-20-to-2026-01-31-statement-r1.csv"'


def test_it_takes_as_many_queries_however_long_it_is(as_ada: Client, hers: Account, grace: User) -> None:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    counted = []
    for more in (0, 40):
        for _ in range(more):
            pay(hers, Account.objects.for_owner(grace), 1, timezone.now())
        made = making.make_requested(hers, date(2026, 1, 20), timezone.localdate())
        as_ada.get(f"/statements/{made.id}/")
        with CaptureQueriesContext(
            connection,
        ) as queries:
            page = as_ada.get(f"/statements/{made.id}/").content.decode()
        counted.append(len(queries))
    assert counted[0] == counted[1]
    assert "And 17 more" in page


# Large ones


@pytest.fixture
def large(hers: Account, monkeypatch: pytest.MonkeyPatch) -> Statement:
    """Of two entries, where one is much."""
    monkeypatch.setattr("statements.models.statements.PDF_AT_ONCE", 1)
    monkeypatch.setattr("statements.models.statements.PART", 1)
    monkeypatch.setattr("statements.content.PART", 1)
    return making.make_requested(hers, date(2026, 1, 20), date(2026, 2, 28))


def test_the_worker_makes_the_pdf_of_a_large_one_part_by_part(as_ada: Client, large: Statement) -> None:
    path = f"/statements/{large.id}/"
    reveal(as_ada)
    assert as_ada.get(f"/statements/{large.id}.pdf")["Location"] == path
    assert as_ada.get(f"/statements/{large.id}/pdf/1.pdf")["Location"] == path
    assert "Make the PDF" in as_ada.get(path).content.decode()
    assert as_ada.post(f"{path}pdf/")["Location"] == path
    assert "0 of 2 parts ready" in as_ada.get(path).content.decode()
    assert as_ada.get(path)["Refresh"] == "4"
    assert pdf_parts.make_due() == 1
    page = as_ada.get(path).content.decode()
    assert "1 of 2 parts ready" in page
    assert pdf_parts.make_due() == 1 and pdf_parts.make_due() == 0
    answer = as_ada.get(path)
    assert "PDF, part 2 of 2" in answer.content.decode() and answer.get("Refresh") != "4"
    texts = [Document(as_ada.get(f"{path}pdf/{part}.pdf").content).tags.text for part in (1, 2)]
    assert "part 1 of 2" in texts[0] and "Bank transfer" in texts[0] and "Grace" not in texts[0]
    assert "Grace Hopper" in texts[1] and "€87.66" in texts[1]
    assert as_ada.get(f"{path}pdf/3.pdf").status_code == as_ada.get(f"{path}pdf/0.pdf").status_code == 404


def test_a_pdf_that_waits_too_long_keeps_no_session_alive(as_ada: Client, large: Statement) -> None:
    pdf_parts.ask(large)
    PdfPart.objects.update(asked_at=timezone.now() - timedelta(minutes=3))
    page = as_ada.get(f"/statements/{large.id}/")
    assert "Refresh" not in page and "Look again" in page.content.decode()


def test_a_pdf_that_fails_is_tried_again_then_given_up(
    as_ada: Client, large: Statement, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object, **__: object) -> bytes:
        raise RuntimeError

    pdf_parts.ask(large)
    with monkeypatch.context() as patch:
        patch.setattr("statements.formats.pdf.render", fail)
        for _ in range(2 * pdf_parts.TRIES):
            assert pdf_parts.make_due() == 1
            PdfPart.objects.filter(next_at__isnull=False).update(next_at=timezone.now())
    assert pdf_parts.progress(large) == (2, 2, 0, 2)
    assert "Try the PDF again" in as_ada.get(f"/statements/{large.id}/").content.decode()
    pdf_parts.ask(large)
    assert pdf_parts.make_due() == pdf_parts.make_due() == 1
    assert pdf_parts.progress(large).is_ready


def test_made_pdfs_are_kept_for_a_week(large: Statement) -> None:
    pdf_parts.ask(large)
    assert sum(iter(pdf_parts.make_due, 0)) == 2
    PdfPart.objects.update(made_at=timezone.now() - timedelta(days=8))
    assert pdf_parts.make_due() == 2
    assert PdfPart.objects.count() == 0 and Statement.objects.count() == 1


# The signed file


def test_a_signed_statement_is_checked_by_anybody(
    client: Client, as_ada: Client, january: Statement, settings: Any
) -> None:
    page, file = f"/statements/{january.id}/", f"/statements/{january.id}/proof.json"
    assert as_ada.get(file)["Location"] == f"/wallet/reveal/?next=%2Fstatements%2F{january.id}%2F"
    reveal(as_ada)
    settings.CHECKPOINT_KEY = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="
    Follower().follow()
    signing.run()
    for early in (file, f"/statements/{january.id}.pdf"):
        assert as_ada.get(early)["Location"] == page
    assert "It is being signed" in as_ada.get(page).content.decode()
    assert sealing.run() == 1
    assert as_ada.get(f"/statements/{january.id}.pdf").status_code == 200
    assert file in as_ada.get(page).content.decode()
    document = as_ada.get(file).content.decode()
    right = client.post("/verify/", {"document": document}).content.decode()
    assert "This statement is right" in right and january.account.number in right
    wrong = client.post("/verify/", {"document": document.replace("Ada Lovelace", "Ada Lovelave")}).content.decode()
    assert "This is not right" in wrong and "statement</strong>: it is not what was signed" in wrong


def test_the_worker_makes_no_large_pdf_before_its_statement_is_signed(
    as_ada: Client, large: Statement, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.CHECKPOINT_KEY = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="
    Follower().follow()
    signing.run()
    pdf_parts.ask(large)
    assert pdf_parts.make_due() and not PdfPart.objects.filter(made_at__isnull=False).exists()
    assert set(PdfPart.objects.values_list("tries", flat=True)) == {0}
    sealing.run()
    PdfPart.objects.update(next_at=timezone.now())
    assert sum(iter(pdf_parts.make_due, 0)) == 2
    assert PdfPart.objects.filter(made_at__isnull=False).count() == 2


def test_another_customers_signed_file_is_not_there(as_grace: Client, january: Statement) -> None:
    assert as_grace.get(f"/statements/{january.id}/proof.json").status_code == 404
