"""Statements are numbered without gaps, made once, and say what the books say, whoever makes them at the same time."""

import threading
from datetime import UTC, date, datetime, timedelta
from uuid import uuid4

import pytest
import time_machine
from django.db import IntegrityError, connection, connections, transaction
from django.utils import timezone
from pytest_django import Settings

from accounts.models import User
from ledger.db import serializable
from ledger.models import EMPTY_HEAD, Account, Entry
from ledger.posting import Order, post
from notices.models import Outbox
from statements import making, monthly
from statements.models import MonthlyRun, Statement
from tests.ledger.books import BOTH, race
from tests.statements.books import pay, person, wallet

pytestmark = pytest.mark.django_db(transaction=True, databases=BOTH)

JANUARY = datetime(2026, 1, 20, 12, tzinfo=UTC)


@pytest.fixture
def hers() -> Account:
    """Opened by her first entry in January; nothing in February, two entries in March."""
    hers = wallet(person("ada", "Ada Lovelace"), "EUR")
    cash = Account.objects.system("settlement")
    pay(cash, hers, 100_00, JANUARY, kind="deposit")
    for day in (1, 31):
        pay(hers, wallet(person(f"to{day}"), "EUR"), 10_00, datetime(2026, 3, day, 23, 59, 59, tzinfo=UTC))
    hers.refresh_from_db()
    return hers


def work(today: date = date(2026, 4, 2)) -> int:
    """All that is due on that day. The months of this test are before it."""
    with time_machine.travel(datetime(today.year, today.month, today.day, 12, tzinfo=UTC), tick=False):
        return sum(iter(monthly.make_due, 0))


def of(account: Account) -> list[tuple[int, str, int, int, int, int]]:
    return [
        (one.number, f"{one.first_day:%b}", one.first_seq, one.last_seq, one.opening, one.closing)
        for one in account.statements.filter(kind="monthly").order_by("number")
    ]


def test_each_month_has_one_from_the_first_on_also_without_entries(hers: Account) -> None:
    work()
    assert of(hers) == [
        (1, "Jan", 1, 1, 0, 100_00),
        (2, "Feb", 2, 1, 100_00, 100_00),
        (3, "Mar", 2, 3, 100_00, 80_00),
    ]
    heads = [bytes(one.head) for one in hers.statements.order_by("number")]
    first = Entry.objects.get(account=hers, seq=1)
    assert heads == [bytes(first.digest)] * 2 + [bytes(hers.head)]
    assert work() == 0
    assert work(date(2026, 5, 1)) > 0
    assert of(hers)[-1] == (4, "Apr", 4, 3, 80_00, 80_00)


def test_its_customer_is_told_of_the_month_just_over_once_and_not_of_those_before(hers: Account) -> None:
    work()
    work()
    (row,) = Outbox.objects.filter(kind="statement_ready", user=hers.owner)
    march = hers.statements.get(first_day=date(2026, 3, 1))
    assert (row.user, row.about, row.data["period"]) == (hers.owner, march.id, "March 2026")
    assert row.data["path"] == f"/statements/{march.id}/"


def test_a_month_is_over_where_the_bank_is(hers: Account, settings: Settings) -> None:
    settings.TIME_ZONE = "Pacific/Auckland"  # thirteen hours before UTC in March
    with time_machine.travel(datetime(2026, 3, 31, 10, 30, tzinfo=UTC), tick=False):
        sum(iter(monthly.make_due, 0))
    assert [month for _, month, *_ in of(hers)] == ["Jan", "Feb"]
    with time_machine.travel(datetime(2026, 3, 31, 11, 10, tzinfo=UTC), tick=False):
        sum(iter(monthly.make_due, 0))
    assert of(hers)[1:] == [(2, "Feb", 2, 1, 100_00, 100_00), (3, "Mar", 2, 2, 100_00, 90_00)]


def test_a_closed_wallet_gets_its_last_and_no_more(hers: Account) -> None:
    pay(hers, Account.objects.system("settlement"), 80_00, datetime(2026, 4, 5, tzinfo=UTC))
    Account.objects.filter(pk=hers.pk).update(status="closed")
    work(date(2026, 7, 1))
    assert of(hers)[-1] == (4, "Apr", 4, 4, 80_00, 0)


def test_names_are_those_of_when_it_was_made(hers: Account) -> None:
    work()
    User.objects.filter(handle="to1").update(full_name="Another Name")
    statement = hers.statements.get(number=3)
    names = {tuple(one) for one in statement.names.values()}
    assert names == {("To1", "to1"), ("To31", "to31")}


def test_two_workers_at_once_make_each_once_and_leave_no_gap(hers: Account) -> None:
    others = [wallet(person(f"other{number}"), "EUR") for number in range(8)]
    cash = Account.objects.system("settlement")
    for other in others:
        pay(cash, other, 5_00, JANUARY)
    month = date(2026, 1, 1)
    accounts = list(Account.objects.filter(owner__isnull=False).order_by("pk"))
    results = race([lambda: monthly.catch_up(accounts, date(2026, 4, 1), 0) for _ in range(4)])
    assert not [one for one in results if isinstance(one, Exception)]
    work()
    for account in others:
        assert [number for number, *_ in of(account)] == [1, 2, 3]
    assert of(hers)[0][1] == f"{month:%b}"
    assert Statement.objects.filter(account__in=others).count() == 24


def test_it_works_in_small_parts_and_a_claim_that_ran_out_is_taken_up(
    hers: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(monthly, "MOST", 2)
    with time_machine.travel(datetime(2026, 4, 2, 12, tzinfo=UTC), tick=False) as clock:
        monthly.make_due()
        assert len(of(hers)) == 2
        clock.shift(monthly.AGAIN)
        held = MonthlyRun.objects.get()
        assert held.next_at
        MonthlyRun.objects.update(claimed_until=held.next_at + timedelta(hours=1))  # by one that was killed
        assert monthly.make_due() == 0
        clock.shift(timedelta(hours=2))
        assert monthly.make_due() > 0
    assert len(of(hers)) == 3


def test_one_that_was_asked_for_twice_is_one(hers: Account) -> None:
    days = date(2026, 1, 1), date(2026, 3, 10)
    made = [making.make_requested(hers, *days) for _ in range(2)]
    assert made[0] == made[1]
    results = race([lambda: making.make_requested(hers, date(2026, 3, 1), date(2026, 3, 10)) for _ in range(4)])
    assert len({one.id for one in results if isinstance(one, Statement)}) == 1, results
    assert list(hers.statements.order_by("number").values_list("number", flat=True)) == [1, 2]
    assert (made[0].first_seq, made[0].last_seq, made[0].closing) == (1, 2, 90_00)


def test_many_at_once_are_numbered_without_a_gap(hers: Account) -> None:
    days = [(date(2026, 3, 1), date(2026, 3, day)) for day in range(1, 5)]
    results = race([lambda pair=pair: making.make_requested(hers, *pair) for pair in days])  # type: ignore[misc]
    assert not [one for one in results if isinstance(one, Exception)], results
    assert list(hers.statements.order_by("number").values_list("number", flat=True)) == [1, 2, 3, 4]


def test_a_whole_month_that_is_asked_for_is_the_months_own(hers: Account) -> None:
    work()
    found = making.make_requested(hers, date(2026, 3, 1), date(2026, 3, 31))
    assert found.is_monthly and found.number == 3


def test_so_many_a_day(hers: Account, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(making, "REQUESTS_A_DAY", 2)
    for day in (1, 2):
        making.make_requested(hers, date(2026, 3, 1), date(2026, 3, day))
    with pytest.raises(making.TooManyRequests):
        making.make_requested(hers, date(2026, 3, 1), date(2026, 3, 3))
    making.make_requested(hers, date(2026, 3, 1), date(2026, 3, 2))  # which is there


# What the database holds, whoever writes


@pytest.mark.parametrize(
    "wrong",
    [
        {"opening": 1}, {"closing": 1}, {"head": EMPTY_HEAD}, {"last_seq": 4}, {"number": 5}, {"number": 3},
        {"first_seq": 3, "opening": 90_00}, {"first_day": date(2026, 3, 1)}, {"kind": "other"},
        {"last_day": date(2026, 2, 1)},
    ],
)  # fmt: skip
def test_the_database_refuses_one_that_is_wrong(hers: Account, wrong: dict[str, object]) -> None:
    work(date(2026, 3, 1))
    right = making.prepared(hers, date(2026, 3, 1), date(2026, 3, 31), first_seq=2, made_at=datetime.now(UTC))
    right.kind, right.number = "monthly", 3
    if wrong == {"number": 3}:
        right.save()
        right.id = uuid4()
    if wrong == {"first_day": date(2026, 3, 1)}:
        right.save()
        right.id, right.number, right.first_seq, right.opening = uuid4(), 4, 4, right.closing
    for name, value in wrong.items():
        setattr(right, name, value)
    with pytest.raises(IntegrityError), transaction.atomic():
        right.save(force_insert=True)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE statements_statement SET closing = closing",
        "DELETE FROM statements_statement",
        "TRUNCATE statements_statement CASCADE",
    ],
)
def test_the_database_lets_nobody_change_one(hers: Account, statement: str) -> None:
    work()
    with pytest.raises(IntegrityError, match="neither changed nor deleted"), connection.cursor() as cursor:
        cursor.execute(statement)


def test_what_is_being_posted_is_waited_for(hers: Account) -> None:
    """It has a time of the period already, and is committed only after the statement is asked for."""
    posted, may_commit, made = threading.Event(), threading.Event(), []
    cash = Account.objects.system("settlement")

    def slowly() -> None:
        def block() -> None:
            post([Order(id=uuid4(), debit=cash, credit=hers, amount=1_00, kind="deposit")])
            posted.set()
            may_commit.wait(30)

        serializable(block)
        connections.close_all()

    def ask() -> None:
        today = timezone.localdate()
        made.append(making.make_requested(hers, today, today))
        connections.close_all()

    threads = [threading.Thread(target=job) for job in (slowly, ask)]
    threads[0].start()
    assert posted.wait(30)
    threads[1].start()
    while threads[1].is_alive() and not somebody_waits_for_a_lock():
        pass
    may_commit.set()
    for thread in threads:
        thread.join(30)
    assert [(one.count, one.closing) for one in made] == [(1, 81_00)]


def somebody_waits_for_a_lock() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'")
        return bool(cursor.fetchone()[0])
