"""The chart of money in and out on /activity/: right to the cent and to the minute a month ends, and never unasked."""

import re
import uuid
from datetime import date, datetime
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.test import Client
from django.utils import timezone
from pytest_django.fixtures import DjangoAssertNumQueries

from accounts.models import User
from ledger.models import Account
from ledger.posting import Order, post
from statements import chart
from statements.chart import Chart, Month
from statements.templatetags.money import short_money
from tests import people

in_the_books = pytest.mark.django_db(transaction=True, databases=["default", "serializable"])
NOW = datetime(2026, 3, 17, 12, tzinfo=ZoneInfo("UTC"))
MOST = 999_999_999_999  # minor units, the most that one payment moves


def move(payer: Account, payee: Account, amount: int, at: str) -> None:
    """`at` is in UTC."""
    when = datetime.fromisoformat(at).replace(tzinfo=ZoneInfo("UTC"))
    post([Order(id=uuid.uuid4(), debit=payer, credit=payee, amount=amount, kind="payment")], at=when)


@pytest.fixture
def outside() -> Account:
    return Account.objects.system("settlement")


@pytest.fixture
def hers(ada: User) -> Account:
    return Account.objects.for_owner(ada)


def figures(account: Account) -> list[tuple[str, int, int]]:
    found = chart.of(account)
    assert found
    return [(f"{month.first:%b %Y}", month.came_in, month.went_out) for month in found.months]


def months_of(*sums: tuple[int, int]) -> list[Month]:
    return [Month(date(2026, number, 1), *pair) for number, pair in enumerate(sums, start=1)]


# Figures


@in_the_books
@time_machine.travel(NOW, tick=False)
def test_it_adds_up_each_month_both_ways(hers: Account, outside: Account, grace: User) -> None:
    his = Account.objects.for_owner(grace)
    move(outside, hers, 100_00, "2025-12-24T10:00")
    move(hers, his, 30_00, "2026-01-02T10:00")
    move(hers, his, 12_34, "2026-01-31T10:00")
    move(his, hers, 5_00, "2026-01-31T11:00")
    move(outside, hers, 1, "2026-03-01T10:00")
    assert figures(hers) == [
        ("Oct 2025", 0, 0),
        ("Nov 2025", 0, 0),
        ("Dec 2025", 100_00, 0),
        ("Jan 2026", 5_00, 42_34),
        ("Feb 2026", 0, 0),
        ("Mar 2026", 1, 0),
    ]
    assert figures(his)[3] == ("Jan 2026", 42_34, 5_00)


@in_the_books
@time_machine.travel(NOW, tick=False)
def test_a_month_begins_at_its_midnight(hers: Account, outside: Account) -> None:
    move(outside, hers, 1_00, "2025-09-30T23:59:59.999999")  # the month before the first one
    move(outside, hers, 2_00, "2025-10-01T00:00")
    move(outside, hers, 4_00, "2026-02-28T23:59:59.999999")
    move(outside, hers, 8_00, "2026-03-01T00:00")
    assert [came_in for _, came_in, _ in figures(hers)] == [2_00, 0, 0, 0, 4_00, 8_00]


@in_the_books
@time_machine.travel(NOW, tick=False)
def test_midnight_is_the_banks_own(hers: Account, outside: Account) -> None:
    """Berlin is an hour ahead of UTC in winter, and two in the summer that October begins in."""
    move(outside, hers, 1_00, "2025-09-30T21:59")
    move(outside, hers, 2_00, "2025-09-30T22:00")
    move(outside, hers, 4_00, "2026-02-28T22:59")
    move(outside, hers, 8_00, "2026-02-28T23:00")
    with timezone.override("Europe/Berlin"):
        assert [came_in for _, came_in, _ in figures(hers)] == [2_00, 0, 0, 0, 4_00, 8_00]


@in_the_books
@pytest.mark.parametrize(
    ("now", "first", "last"),
    [("2026-01-01T00:00", "Aug 2025", "Jan 2026"), ("2025-12-31T23:59", "Jul 2025", "Dec 2025")],
)
def test_the_last_month_is_the_one_we_are_in(hers: Account, outside: Account, now: str, first: str, last: str) -> None:
    with time_machine.travel(datetime.fromisoformat(now).replace(tzinfo=ZoneInfo("UTC")), tick=False):
        move(outside, hers, 1_00, now)
        assert [figures(hers)[end][0] for end in (0, -1)] == [first, last]


@in_the_books
@time_machine.travel(NOW, tick=False)
def test_there_is_none_of_nothing(hers: Account, outside: Account) -> None:
    assert chart.of(hers) is None
    move(outside, hers, 1_00, "2025-09-30T12:00")
    assert chart.of(hers) is None


@in_the_books
@time_machine.travel(NOW, tick=False)
def test_sums_may_be_larger_than_any_payment(hers: Account, outside: Account) -> None:
    for day in (1, 2, 3):
        move(outside, hers, MOST, f"2026-03-0{day}T10:00")
    assert figures(hers)[-1] == ("Mar 2026", 3 * MOST, 0)


@in_the_books
@time_machine.travel(NOW, tick=False)
def test_it_takes_one_query_however_much_happened(
    hers: Account, outside: Account, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for day in range(1, 15):
        move(outside, hers, day, f"2026-03-{day:02}T10:00")
        move(hers, outside, day, f"2026-03-{day:02}T11:00")
    with django_assert_num_queries(1):
        found = chart.of(hers)
        assert found and len(found.bars) == 2


# Geometry


def per_cent(text: str) -> float:
    assert text.endswith("%")
    return float(text[:-1])


@pytest.mark.parametrize(
    ("highest", "scale"),
    [
        (1, [2_00, 1_00, 0]),
        (2_00, [2_00, 1_00, 0]),
        (2_01, [4_00, 2_00, 0]),
        (10_00, [10_00, 5_00, 0]),
        (10_01, [20_00, 10_00, 0]),
        (3_410_20, [4_000_00, 2_000_00, 0]),
        (MOST, [10_000_000_000_00, 5_000_000_000_00, 0]),
    ],
)
def test_the_scale_has_round_lines_just_above_the_highest_bar(highest: int, scale: list[int]) -> None:
    assert Chart(months_of((0, highest), (1, 0)), "EUR").scale == scale


def test_a_currency_without_cents_has_whole_lines_too() -> None:
    assert Chart(months_of((1, 0)), "JPY").scale == [2, 1, 0]


@pytest.mark.parametrize(
    ("amount", "currency", "text"),
    [(0, "EUR", "€0"), (4_000_00, "EUR", "€4K"), (5_000_000_000_00, "EUR", "€5B"), (2_000_00, "CHF", "CHF\u00a02K")],
)
def test_lines_are_named_in_short(amount: int, currency: str, text: str) -> None:
    assert short_money(amount, currency) == text


def test_bars_stand_on_the_ground_and_rise_in_proportion() -> None:
    bars = Chart(months_of((2_000_00, 1_000_00), (0, 500_00)), "EUR").bars
    assert [(bar.came_in, bar.y, bar.height) for bar in bars] == [
        (True, "0.00%", "100.00%"),
        (False, "50.00%", "50.00%"),
        (False, "75.00%", "25.00%"),
    ]


@pytest.mark.parametrize("pair", [(700_00, 0), (0, 700_00)])
def test_what_went_one_way_only_has_one_bar(pair: tuple[int, int]) -> None:
    (bar,) = Chart(months_of(pair), "EUR").bars
    assert bar.came_in == bool(pair[0])


def test_the_least_amount_can_be_seen_beside_the_highest() -> None:
    least = Chart(months_of((MOST, 1)), "EUR").bars[1]
    assert per_cent(least.height) == chart.LEAST
    assert per_cent(least.y) + per_cent(least.height) == 100


def test_bars_stay_in_the_picture_and_apart() -> None:
    bars = Chart(months_of(*[(MOST, MOST)] * chart.MONTHS), "EUR").bars
    edges = [edge for bar in bars for edge in (per_cent(bar.x), per_cent(bar.x) + per_cent(bar.width))]
    assert edges == sorted(edges)
    assert len(set(edges)) == 4 * chart.MONTHS
    assert edges[0] > 0
    assert edges[-1] < 100
    assert all(per_cent(bar.y) >= 0 for bar in bars)


# The page


@in_the_books
def test_it_hides_with_the_balances(as_ada: Client, ada: User) -> None:
    people.fund(ada, 1_000_00)
    people.fund(ada, 234_56)
    masked = as_ada.get("/activity/")
    assert "shown with your balances" in masked.content.decode()
    assert masked.context["chart"] is None
    assert "1,234.56" not in masked.content.decode()
    people.reveal(as_ada)
    html = as_ada.get("/activity/").content.decode()
    assert "shown with your balances" not in html
    said = " ".join(re.sub("<[^>]+>", " ", html.split("<figcaption>")[1].split("</figcaption>")[0]).split())
    assert said == f"So far in {timezone.localdate():%B}, €1,234.56 came in and nothing went out."
    assert re.search('<figure class="chart"\\s+data-expires="[0-9]+"', html)


@in_the_books
def test_its_table_says_all_that_its_bars_do(as_ada: Client, ada: User) -> None:
    people.fund(ada, 1_234_56)
    people.reveal(as_ada)
    table = as_ada.get("/activity/").content.decode().split("<table")[1]
    assert table.count('<th scope="row">') == chart.MONTHS
    first = " ".join(re.sub("<[^>]+>", " ", table.split("<tbody>")[1].split("</tr>")[0]).split())
    assert first == f"{timezone.localdate():%B %Y} €1,234.56 €0.00"


@in_the_books
def test_it_stands_on_the_first_page_only(as_ada: Client, ada: User) -> None:
    people.fund(ada, 1_00)
    people.reveal(as_ada)
    assert 'class="chart"' not in as_ada.get("/activity/?before=2").content.decode()


@in_the_books
def test_nothing_is_said_of_it_where_there_is_nothing_to_show(as_ada: Client) -> None:
    assert "shown with your balances" not in as_ada.get("/activity/").content.decode()
    people.reveal(as_ada)
    assert 'class="chart"' not in as_ada.get("/activity/").content.decode()
