"""Rows that wait for the worker: claimed by one, released with what came of it, anybody's once a claim has run out."""

import threading
from datetime import timedelta

import pytest
import time_machine
from django.db import connection, transaction
from django.utils import timezone

from accounts.models import User
from notices import outbox
from notices.models import Kind, Letter, Outbox
from statements.models import MonthlyRun, PdfPart
from tests.threads import run_together
from wallet_site.own_data.models import Request
from work import lag
from work.due import LONGEST_PAUSE, claim, finish, finish_all, give_up, pause_after, postpone, put_back, tables

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def waiting(ada: User) -> User:
    for _ in range(10):
        outbox.tell(ada.id, Kind.RECOVERY_USED)
    return ada


def claimed(most: int = 10) -> list[Outbox]:
    return claim(Outbox.objects.all(), most=most, seconds=60)


def test_two_at_once_share_what_is_due(waiting: User) -> None:
    found = run_together([lambda: [row.pk for row in claimed(5)]] * 4)
    ids = [pk for part in found if isinstance(part, list) for pk in part]
    assert len(ids) == len(set(ids)) == 10


def test_what_another_is_claiming_is_passed_over_and_not_waited_for(waiting: User) -> None:
    held, done = threading.Event(), threading.Event()

    def hold() -> None:
        with transaction.atomic():
            list(Outbox.objects.select_for_update()[:4])
            held.set()
            done.wait(10)
        connection.close()

    holder = threading.Thread(target=hold)
    holder.start()
    held.wait(10)
    try:
        assert len(claimed()) == 6
    finally:
        done.set()
        holder.join()


def test_a_claim_that_ran_out_is_anybodys_and_its_holder_can_say_nothing_more(waiting: User) -> None:
    first = claimed()
    assert claimed() == []
    with time_machine.travel(timezone.now() + timedelta(seconds=61)):
        second = claimed()
        assert {row.pk for row in second} == {row.pk for row in first}
        assert [row.tries for row in second] == [2] * 10
        assert not finish(first[0]) and not postpone(first[1]) and not give_up(first[2]) and not put_back(first[3])
        assert finish(second[0])


def test_what_is_done_is_not_due_and_what_is_postponed_is_later(waiting: User) -> None:
    done, later, back, up, *others = claimed()
    assert finish(done) and postpone(later, seconds=30) and put_back(back) and give_up(up)
    finish_all(others)
    assert [row.pk for row in claimed()] == [back.pk]
    assert Outbox.objects.get(pk=up.pk).gave_up_at
    with time_machine.travel(timezone.now() + timedelta(seconds=31)):
        assert [row.pk for row in claimed()] == [later.pk]


def test_what_was_put_back_was_not_tried(waiting: User) -> None:
    row = claimed(1)[0]
    put_back(row)
    assert Outbox.objects.get(pk=row.pk).tries == 0


def test_pauses_double_up_to_six_hours() -> None:
    assert [pause_after(tries) for tries in (1, 2, 3)] == [30, 60, 120]
    assert pause_after(50) == pause_after(32_000) == LONGEST_PAUSE == 6 * 3600


def test_finding_what_is_due_reads_no_row_that_is_done(waiting: User) -> None:
    finish_all(claimed())
    with connection.cursor() as cursor:
        cursor.execute("SET enable_seqscan = off")
        cursor.execute("EXPLAIN SELECT * FROM notices_outbox WHERE next_at <= now() ORDER BY next_at LIMIT 10")
        plan = "\n".join(line for (line,) in cursor.fetchall())
        cursor.execute("RESET enable_seqscan")
    assert "outbox_due" in plan


def test_the_lag_is_that_of_whatever_waits_longest(waiting: User) -> None:
    assert {Outbox, Letter, MonthlyRun, PdfPart, Request} <= set(tables())
    assert lag.seconds() == 0 and "keeps up" in lag.sentence()
    with time_machine.travel(timezone.now() + timedelta(minutes=3, seconds=5)):
        assert lag.seconds() in (184, 185) and "for 3 minutes" in lag.sentence()
    finish_all(claimed())
    with time_machine.travel(timezone.now() + timedelta(minutes=3)):
        assert lag.seconds() == 0
