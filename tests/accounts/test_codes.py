"""Recovery codes, and the one-time codes of staff."""

from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from accounts.credentials import recovery_codes
from accounts.errors import WrongSecret
from accounts.models import EnrolmentCode, RecoveryCode
from tests.people import make_customer, make_staff
from tests.threads import run_together

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.mark.asvs("6.5.1", "6.5.3", "6.5.4")
def test_ten_are_issued_and_each_works_once() -> None:
    alice = make_customer()
    shown = recovery_codes.issue_recovery(alice)
    assert len(set(shown)) == 10
    for code in shown:
        recovery_codes.redeem_recovery(alice, code)
        with pytest.raises(WrongSecret):
            recovery_codes.redeem_recovery(alice, code)


def test_it_reads_what_people_write() -> None:
    alice = make_customer()
    shown = recovery_codes.issue_recovery(alice)
    recovery_codes.redeem_recovery(alice, shown[0].lower().replace("-", " "))
    recovery_codes.redeem_recovery(alice, shown[1].replace("0", "o").replace("1", "l"))
    recovery_codes.redeem_recovery(alice, " " + shown[2].replace("-", "") + " ")


def test_somebody_elses_code_is_refused() -> None:
    alice, bob = make_customer(), make_customer("bob")
    with pytest.raises(WrongSecret):
        recovery_codes.redeem_recovery(bob, recovery_codes.issue_recovery(alice)[0])


def test_new_ones_end_the_old_ones() -> None:
    alice = make_customer()
    old = recovery_codes.issue_recovery(alice)[0]
    recovery_codes.issue_recovery(alice)
    with pytest.raises(WrongSecret):
        recovery_codes.redeem_recovery(alice, old)
    assert alice.recovery_codes.count() == 10


@pytest.mark.asvs("6.5.2")
def test_they_are_not_in_the_table() -> None:
    shown = recovery_codes.issue_recovery(make_customer())
    with connection.cursor() as cursor:
        cursor.execute("SELECT string_agg(row::text, '') FROM accounts_recoverycode AS row")
        (table,) = cursor.fetchone()
    assert not [code for code in shown if code in table or recovery_codes.normalise(code) in table]


@pytest.mark.asvs("6.5.1", "15.4.2")
def test_one_code_thirty_times_at_once_works_once() -> None:
    alice = make_customer()
    code = recovery_codes.issue_recovery(alice)[0]
    results = run_together([lambda: recovery_codes.redeem_recovery(alice, code)] * 30)
    assert results.count(None) == 1
    assert sum(isinstance(result, WrongSecret) for result in results) == 29


def test_parallel_issues_leave_one_set() -> None:
    alice = make_customer()
    run_together([lambda: recovery_codes.issue_recovery(alice)] * 8)
    assert RecoveryCode.objects.filter(user=alice).count() == 10


def test_an_enrolment_code_works_once_and_for_a_day() -> None:
    staff = make_staff()
    code = recovery_codes.issue_enrolment(staff)
    recovery_codes.redeem_enrolment(staff, code)
    with pytest.raises(WrongSecret):
        recovery_codes.redeem_enrolment(staff, code)
    late = recovery_codes.issue_enrolment(staff)
    EnrolmentCode.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    with pytest.raises(WrongSecret):
        recovery_codes.redeem_enrolment(staff, late)
