"""Finding one's own lines: each filter alone and all together, before and after the worker has taken the lines over."""

import csv
import io
import uuid
from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
import time_machine
from django.test import Client
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts.models import User
from ledger.models import Account, Entry
from payments.models import Payee
from statements import search, searched
from statements.models import Searched, SearchedLine
from tests import people
from tests.statements.history import pay, take_over
from tests.threads import run_together

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "serializable"])
NOW = datetime(2026, 3, 17, 12, tzinfo=timezone.get_fixed_timezone(0))


@pytest.fixture(autouse=True)
def _at_noon() -> object:
    with time_machine.travel(NOW, tick=True) as traveller:
        yield traveller


@pytest.fixture
def hers(ada: User) -> Account:
    return Account.objects.for_owner(ada)


@pytest.fixture
def memories(hers: Account, grace: User) -> dict[str, uuid.UUID]:
    """Lines of half a year, by a name for each."""
    his = Account.objects.for_owner(grace)
    angstrom = Account.objects.for_owner(people.make_customer("lukasz_a", "Łukasz Ångström"))
    outside = Account.objects.system("settlement")
    made = [
        ("salary", outside, hers, 2_000_00, "Salary, Analytical Engines", 160, "salary"),
        ("rent", hers, his, 800_00, "Rent", 140, "payment"),
        ("coffee", hers, angstrom, 3_20, "Café crème", 75, "payment"),
        ("per cent", hers, his, 1_00, "100% wool_", 60, "payment"),
        ("half", his, hers, 400_00, "Rent, my half", 44, "payment"),
        ("cake", hers, angstrom, 27_00, "", 17, "payment"),
        ("today", hers, his, 27_01, "Tea", 0, "payment"),
    ]
    return {
        name: pay(payer, payee, amount, memo=memo, at=NOW - timedelta(days=ago, hours=1), kind=kind)
        for name, payer, payee, amount, memo, ago, kind in made
    }


Found = Callable[[dict[str, str]], list[str]]


@pytest.fixture(params=["taken over", "half of it", "not taken over"])
def found(request: pytest.FixtureRequest, as_ada: Client, hers: Account, memories: dict[str, uuid.UUID]) -> Found:
    """The names of the lines that an address shows, newest first."""
    if request.param != "not taken over":
        take_over()
    if request.param == "half of it":
        Searched.objects.filter(account=hers).update(seq=3)
        SearchedLine.objects.filter(account=hers, seq__gt=3).delete()
    names = {id: name for name, id in memories.items()}

    def ask(query: dict[str, str]) -> list[str]:
        page = as_ada.get("/activity/", query)
        assert not page.context["form"].errors
        return [names[line.entry.transfer_id] for month in page.context["months"] for line in month.lines]

    return ask


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ({"q": "grace"}, ["today", "half", "per cent", "rent"]),
        ({"q": "GRACE hop"}, ["today", "half", "per cent", "rent"]),
        ({"q": "hopper rent"}, ["half", "rent"]),
        ({"q": "@lukasz"}, ["cake", "coffee"]),
        ({"q": "angstrom"}, ["cake", "coffee"]),
        ({"q": "ÅNGSTROM"}, ["cake", "coffee"]),
        ({"q": "lukasz creme"}, ["coffee"]),
        ({"q": "cafe"}, ["coffee"]),
        ({"q": "cafe\u0301"}, ["coffee"]),
        ({"q": "af"}, ["coffee"]),
        ({"q": "engines"}, ["salary"]),
        ({"q": "bank transfer"}, ["salary"]),
        ({"q": "%"}, ["per cent"]),
        ({"q": "wool_"}, ["per cent"]),
        ({"q": "w_ol"}, []),
        ({"q": "\\"}, []),
        ({"q": "nothing like this"}, []),
        ({"min": "27"}, ["today", "cake", "half", "rent", "salary"]),
        ({"max": "27"}, ["cake", "per cent", "coffee"]),
        ({"min": "27,00", "max": "27.01"}, ["today", "cake"]),
        ({"direction": "in"}, ["half", "salary"]),
        ({"direction": "out", "q": "rent"}, ["rent"]),
        ({"kind": "salary"}, ["salary"]),
        ({"kind": "deposit"}, []),
        ({"month": "2026-02"}, ["cake", "half"]),
        ({"month": "2026-01"}, ["per cent", "coffee"]),
        ({"from": "2026-02-28"}, ["today", "cake"]),
        ({"to": "2025-10-28"}, ["rent", "salary"]),
        ({"from": "2025-10-28", "to": "2025-10-28"}, ["rent"]),
        ({"q": "rent", "min": "500", "direction": "out", "kind": "payment", "month": "2025-10"}, ["rent"]),
    ],
    ids=str,
)
def test_it_finds_what_was_asked_for_and_nothing_else(found: Found, query: dict[str, str], expected: list[str]) -> None:
    assert found(query) == expected


def test_it_finds_a_reference_by_any_part_of_it(found: Found, memories: dict[str, uuid.UUID]) -> None:
    reference = Entry.objects.filter(transfer_id=memories["coffee"])[0].transfer.reference
    for part in (reference, reference.lower(), reference.replace("-", ""), reference[:4], reference[3:]):
        assert "coffee" in found({"q": part})
    assert found({"q": reference}) == ["coffee"]


def test_it_finds_a_payee_by_the_name_one_gave_them(found: Found, ada: User, grace: User) -> None:
    Payee.objects.paid(ada.pk, grace, timezone.now())
    Payee.objects.update(nickname="Müller’s flatmate")
    assert found({"q": "muller"}) == ["today", "half", "per cent", "rent"]
    assert found({"q": "flatmate rent"}) == ["half", "rent"]
    assert found({"q": "flatmate cafe"}) == []


def test_nobody_finds_by_what_somebody_else_calls_them(found: Found, ada: User, grace: User) -> None:
    Payee.objects.paid(grace.pk, ada, timezone.now())
    charlie = people.make_customer("charlie", "Charlie Babbage")
    Payee.objects.paid(charlie.pk, grace, timezone.now())
    Payee.objects.update(nickname="Flatmate")
    assert found({"q": "flatmate"}) == []


@pytest.mark.parametrize(
    ("query", "field", "message"),
    [
        ({"min": "20", "max": "10"}, "max", "at least as much"),
        ({"min": "1,234"}, "min", "in two ways"),
        ({"max": "0"}, "max", "greater than zero"),
        ({"min": "x"}, "min", "in figures"),
        ({"from": "2026-03-02", "to": "2026-03-01"}, "to", "not before"),
        ({"from": "1 March"}, "from", "a day like 2026-03-17"),
        ({"from": "2026-02-30"}, "from", "a day like"),
        ({"to": "2026-03-18"}, "to", "nothing after today"),
        ({"month": "2026-13"}, "month", "a month like 2026-03"),
        ({"month": "March"}, "month", "a month like"),
        ({"month": "2026-04"}, "month", "has begun"),
        ({"month": "2026-02", "from": "2026-02-02"}, "month", "a month or days"),
        ({"direction": "up"}, "direction", "Choose one of these"),
        ({"kind": "theft"}, "kind", "Choose one of these"),
        ({"tag": "Mine"}, "tag", "Choose one of these"),
        ({"q": "x" * 200}, "q", "at most 100"),
        ({"q": "a\0"}, "q", "invisible characters"),
        ({"q": ["a", "b"]}, "q", "more than once"),
    ],
    ids=str,
)
def test_it_says_beside_the_field_what_makes_no_sense_and_shows_nothing(
    as_ada: Client, memories: dict[str, uuid.UUID], query: dict[str, str], field: str, message: str
) -> None:
    page = as_ada.get("/activity/", query)
    html = page.content.decode()
    assert page.status_code == 200
    assert list(page.context["form"].errors) == [field]
    assert message in page.context["form"].errors[field][0]
    assert f'id="id_{field}_error"' in html
    assert "<title>Error: Activity" in html
    assert "activity__row" not in html
    assert "Nothing like this" not in html


@pytest.mark.parametrize(("field", "kind"), [("month", "month"), ("from", "date"), ("to", "date")])
def test_a_day_that_is_none_stays_where_it_was_typed(as_ada: Client, field: str, kind: str) -> None:
    """A browser's field for days shows nothing else."""
    assert f'type="{kind}" name="{field}"' in as_ada.get("/activity/").content.decode()
    assert f'type="text" name="{field}" value="May 3"' in as_ada.get("/activity/", {field: "May 3"}).content.decode()


def test_pages_of_what_was_found_are_by_key_and_keep_the_filter(as_ada: Client, hers: Account, grace: User) -> None:
    people.fund(hers.owner, 100_00)
    his = Account.objects.for_owner(grace)
    for cents in range(1, 26):
        pay(hers, his, cents, memo="odd" if cents % 2 else "even")
        if cents == 13:
            take_over()
    people.fund(hers.owner, 1)
    first = as_ada.get("/activity/", {"q": "grace", "max": "1"})
    assert len(first.context["months"][0].lines) == 20
    pay(hers, his, 99, memo="in between")
    second = as_ada.get("/activity/" + first.context["older"])
    amounts = [
        line.entry.amount for page in (first, second) for month in page.context["months"] for line in month.lines
    ]
    assert amounts == list(range(25, 0, -1))
    assert second.context["older"] is None
    assert 'href="/activity/?q=grace&amp;max=1"' in second.content.decode()


def rows_of(response: object) -> list[dict[str, str]]:
    body = b"".join(response.streaming_content).decode().removeprefix("\ufeff")  # type: ignore[attr-defined]
    return list(csv.DictReader(io.StringIO(body, newline="")))


def test_what_a_filter_lets_through_is_a_file(
    as_ada: Client, hers: Account, grace: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(search, "CHUNK", 3)
    people.fund(hers.owner, 100_00)
    his = Account.objects.for_owner(grace)
    for cents in range(1, 9):
        pay(hers, his, cents, memo="=1+1" if cents == 7 else "")
    people.reveal(as_ada)
    listed = as_ada.get("/activity/", {"q": "grace", "max": "0.07"}).content.decode()
    assert 'href="/activity/export.csv?q=grace&amp;max=0.07"' in listed
    response = as_ada.get("/activity/export.csv", {"q": "grace", "max": "0.07"})
    assert (
        response["Content-Type"] == "text/csv; charset=utf-8"
        and 'filename="activity.csv"' in response["Content-Disposition"]
    )
    rows = rows_of(response)
    assert [row["Amount"] for row in rows] == [f"-0.0{cents}" for cents in range(7, 0, -1)]
    assert (rows[0]["Name"], rows[0]["Note"], rows[0]["Balance"]) == ("Grace Hopper", "'=1+1", "99.72")
    assert len(rows_of(as_ada.get("/activity/export.csv"))) == 9


def test_the_file_takes_the_view_pin_and_comes_back_to_the_list(as_ada: Client) -> None:
    response = as_ada.get("/activity/export.csv", {"q": "grace", "month": "2026-03"})
    assert response.status_code == 302
    assert response["Location"] == "/wallet/reveal/?next=%2Factivity%2F%3Fq%3Dgrace%26month%3D2026-03"


def test_a_filter_that_makes_no_sense_is_no_file_but_told_on_the_list(as_ada: Client) -> None:
    people.reveal(as_ada)
    response = as_ada.get("/activity/export.csv", {"min": "5", "max": "4"})
    assert response["Location"] == "/activity/?min=5&max=4"
    assert "Enter at least as much" in as_ada.get(response["Location"]).content.decode()


def test_it_finds_nobody_elses(as_grace: Client, memories: dict[str, uuid.UUID]) -> None:
    take_over()
    html = as_grace.get("/activity/", {"q": "cafe"}).content.decode()
    assert "Nothing like this" in html
    charlie = people.sign_in(people.make_customer("charlie", "Charlie Babbage"))
    assert "Nothing like this" in charlie.get("/activity/", {"q": "rent"}).content.decode()


# The worker


def test_it_takes_over_in_order_and_without_a_gap(hers: Account, memories: dict[str, uuid.UUID]) -> None:
    for _ in range(3):
        take_over()
    hers.refresh_from_db()
    lines = list(SearchedLine.objects.filter(account=hers).order_by("seq"))
    assert [line.seq for line in lines] == list(range(1, hers.last_seq + 1))
    total = 0
    for line, entry in zip(lines, Entry.objects.filter(account=hers).order_by("seq"), strict=True):
        total += entry.amount if entry.side == "credit" else 0
        assert (line.came_in, line.amount, line.incoming) == (total, entry.amount, entry.side == "credit")
    assert Searched.objects.get(account=hers).seq == hers.last_seq
    assert searched.Round()() == 0


def test_a_long_tail_is_taken_over_some_at_a_time(
    hers: Account, memories: dict[str, uuid.UUID], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(searched, "TAKE_OVER", searched.TAKE_OVER.replace(f"LIMIT {searched.EACH}", "LIMIT 2"))
    searched.Round()()
    assert Searched.objects.get(account=hers).seq == 2
    take_over()
    assert Searched.objects.get(account=hers).seq == len(memories)


def test_many_workers_take_each_line_over_once(hers: Account, memories: dict[str, uuid.UUID]) -> None:
    searched._do(searched.BEGIN, [list(Account.objects.exclude(owner=None).values_list("pk", flat=True))])
    results = run_together([searched.Round()] * 8)
    assert [one for one in results if isinstance(one, Exception)] == []
    take_over()
    assert SearchedLine.objects.filter(account=hers).count() == len(memories)


def test_a_new_name_is_found_in_old_lines(as_ada: Client, grace: User, memories: dict[str, uuid.UUID]) -> None:
    take_over()
    User.objects.filter(pk=grace.pk).update(full_name="Rear Admiral Murray")
    take_over()
    assert "activity__row" in as_ada.get("/activity/", {"q": "admiral rent"}).content.decode()
    assert "activity__row" not in as_ada.get("/activity/", {"q": "hopper"}).content.decode()
    assert searched.Round()() == 0


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=st.text(max_size=100))
def test_no_search_is_a_failure(as_ada: Client, text: str) -> None:
    assert as_ada.get("/activity/", {"q": text}).status_code in (200, 400)
