"""Tries at a secret, counted before they are made."""

import os
import subprocess
import sys
import threading
from datetime import timedelta

import pytest
from django.db import connections, transaction
from django.utils import timezone

from accounts.credentials import hashing
from accounts.credentials.hashing import Kind
from accounts.errors import SecretLocked, WrongSecret
from accounts.guard import attempts
from accounts.guard.attempts import Attempt, prove
from accounts.models import Guard, User
from tests.people import PAYMENT_PIN, VIEW_PIN, make_customer
from tests.threads import run_together
from wallet_site.environment import BASE_DIR

pytestmark = pytest.mark.django_db(transaction=True)
WRONG = "999999"


def guard_of(user: User, kind: str = Kind.PAYMENT_PIN) -> Guard:
    return Guard.objects.get(subject=user.id, kind=kind)


def fail(user: User, times: int, kind: Kind = Kind.PAYMENT_PIN) -> None:
    for _ in range(times):
        with pytest.raises((WrongSecret, SecretLocked)):
            prove(user, kind, WRONG)


def let_the_lock_pass(user: User, kind: str = Kind.PAYMENT_PIN) -> None:
    Guard.objects.filter(subject=user.id, kind=kind).update(locked_until=timezone.now() - timedelta(seconds=1))


def test_it_accepts_the_right_pin_and_leaves_no_trace() -> None:
    alice = make_customer()
    prove(alice, Kind.PAYMENT_PIN, PAYMENT_PIN)
    guard = guard_of(alice)
    assert (guard.failures, guard.pending, guard.locked_until) == (0, {}, None)


@pytest.mark.parametrize("wrong", [WRONG, "", VIEW_PIN, PAYMENT_PIN + "\0", PAYMENT_PIN + " ", "x" * 100_000, "\0"])
def test_it_rejects_a_wrong_pin(wrong: str) -> None:
    alice = make_customer()
    with pytest.raises(WrongSecret):
        prove(alice, Kind.PAYMENT_PIN, wrong)
    assert guard_of(alice).failures == 1


def test_it_rejects_any_pin_of_somebody_who_has_none() -> None:
    alice = make_customer(view_pin="", payment_pin="")
    User.objects.filter(pk=alice.pk).update(payment_pin="")
    with pytest.raises(WrongSecret):
        prove(User.objects.get(), Kind.PAYMENT_PIN, "")


@pytest.mark.asvs("6.3.1")
def test_it_locks_at_the_fifth_failure_also_for_the_right_pin() -> None:
    alice = make_customer()
    fail(alice, 4)
    with pytest.raises(SecretLocked) as fifth:
        prove(alice, Kind.PAYMENT_PIN, WRONG)
    assert fifth.value.tried
    with pytest.raises(SecretLocked) as sixth:
        prove(alice, Kind.PAYMENT_PIN, PAYMENT_PIN)
    assert not sixth.value.tried
    assert timedelta(seconds=50) < sixth.value.until - timezone.now() <= timedelta(seconds=60)


def test_a_success_ends_the_run() -> None:
    alice = make_customer()
    fail(alice, 4)
    prove(alice, Kind.PAYMENT_PIN, PAYMENT_PIN)
    fail(alice, 4)
    prove(alice, Kind.PAYMENT_PIN, PAYMENT_PIN)


def test_each_lock_is_longer_than_the_one_before_until_a_success() -> None:
    alice = make_customer()
    lengths = []
    for _ in range(7):
        fail(alice, 5)
        until = guard_of(alice).locked_until
        assert until
        lengths.append(round((until - timezone.now()).total_seconds() / 60))
        let_the_lock_pass(alice)
    assert lengths == [1, 5, 15, 60, 240, 1440, 1440]
    prove(alice, Kind.PAYMENT_PIN, PAYMENT_PIN)
    assert guard_of(alice).locks == 0


def test_the_kinds_and_the_users_do_not_share_a_counter() -> None:
    alice, bob = make_customer(), make_customer("bob")
    fail(alice, 5)
    prove(alice, Kind.VIEW_PIN, VIEW_PIN)
    prove(bob, Kind.PAYMENT_PIN, PAYMENT_PIN)


@pytest.mark.asvs("6.3.1", "15.4.2")
def test_parallel_guesses_with_the_right_one_last_compute_five_hashes_and_lock(monkeypatch: pytest.MonkeyPatch) -> None:
    alice = make_customer()
    computed: list[str] = []
    plain = hashing.matches

    def counted(kind: Kind, user_id: object, secret: str, encoded: str) -> bool:
        computed.append(secret)
        return plain(kind, alice.id, secret, encoded)

    monkeypatch.setattr(attempts.hashing, "matches", counted)
    guesses = [f"{number:06}" for number in range(40)]
    results = run_together([lambda guess=guess: prove(alice, Kind.PAYMENT_PIN, guess) for guess in guesses])

    assert len(computed) == 5
    assert all(isinstance(result, WrongSecret | SecretLocked) for result in results)
    with pytest.raises(SecretLocked):
        prove(alice, Kind.PAYMENT_PIN, PAYMENT_PIN)
    assert len(computed) == 5


def test_twenty_right_pins_at_once_are_all_accepted() -> None:
    alice = make_customer()
    results = run_together([lambda: prove(alice, Kind.PAYMENT_PIN, PAYMENT_PIN)] * 20)
    assert results == [None] * 20
    assert guard_of(alice).pending == {}


def test_a_success_gives_back_its_own_reservation_only() -> None:
    alice = make_customer()
    in_flight = [Attempt(alice.id, Kind.PAYMENT_PIN) for _ in range(4)]
    for attempt in in_flight:
        attempt.reserve()
    prove(alice, Kind.PAYMENT_PIN, PAYMENT_PIN)
    assert len(guard_of(alice).pending) == 4
    for attempt in in_flight:
        attempt.fail()
    assert guard_of(alice).failures == 4


def test_somebody_elses_successes_do_not_help_against_a_victim() -> None:
    victim, attacker = make_customer(), make_customer("mallory")
    for _ in range(5):
        fail(victim, 1)
        prove(attacker, Kind.PAYMENT_PIN, PAYMENT_PIN)
    with pytest.raises(SecretLocked):
        prove(victim, Kind.PAYMENT_PIN, PAYMENT_PIN)


def test_a_guess_whose_worker_died_counts_as_a_failure() -> None:
    alice = make_customer()
    for _ in range(5):
        Attempt(alice.id, Kind.PAYMENT_PIN).reserve()  # and never settled
    guard = guard_of(alice)
    guard.pending = {key: at - attempts.ABANDONED_SECONDS - 1 for key, at in guard.pending.items()}
    guard.save()
    with pytest.raises(SecretLocked):
        prove(alice, Kind.PAYMENT_PIN, PAYMENT_PIN)


def test_an_exception_while_hashing_counts_as_a_failure(monkeypatch: pytest.MonkeyPatch) -> None:
    alice = make_customer()
    monkeypatch.setattr(attempts.hashing, "matches", lambda *_: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        prove(alice, Kind.PAYMENT_PIN, PAYMENT_PIN)
    assert guard_of(alice).failures == 1


def test_waiting_behind_reservations_that_never_end_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(attempts, "WAIT_SECONDS", 0.2)
    alice = make_customer()
    for _ in range(5):
        Attempt(alice.id, Kind.PAYMENT_PIN).reserve()
    with pytest.raises(SecretLocked):
        prove(alice, Kind.PAYMENT_PIN, PAYMENT_PIN)


def test_it_refuses_to_count_inside_a_transaction_that_could_roll_the_count_back() -> None:
    alice = make_customer()
    with pytest.raises(RuntimeError), transaction.atomic():
        prove(alice, Kind.PAYMENT_PIN, PAYMENT_PIN)


def test_no_lock_is_held_while_hashing(monkeypatch: pytest.MonkeyPatch) -> None:
    alice = make_customer()
    found: list[object] = []

    def look() -> None:
        with connections["default"].cursor() as cursor:
            cursor.execute("SELECT count(*) FROM (SELECT 1 FROM accounts_guard FOR UPDATE NOWAIT) AS free")
            found.append(cursor.fetchone())
        connections.close_all()

    def watched(*_: object) -> bool:
        thread = threading.Thread(target=look)
        thread.start()
        thread.join()
        return True

    monkeypatch.setattr(attempts.hashing, "matches", watched)
    prove(alice, Kind.PAYMENT_PIN, PAYMENT_PIN)
    assert found == [(1,)]


@pytest.mark.asvs("11.2.2", "11.4.2")
def test_a_right_secret_under_an_old_key_or_a_lower_cost_is_hashed_anew(settings: object) -> None:
    alice = make_customer()
    old = alice.payment_pin
    settings.BCRYPT_ROUNDS = 5  # type: ignore[attr-defined]
    prove(alice, Kind.PAYMENT_PIN, PAYMENT_PIN)
    renewed = User.objects.get().payment_pin
    assert renewed != old
    assert "$05$" in renewed
    settings.BCRYPT_ROUNDS = 4  # type: ignore[attr-defined]
    prove(User.objects.get(), Kind.PAYMENT_PIN, PAYMENT_PIN)
    assert User.objects.get().payment_pin == renewed


def test_a_secret_changed_meanwhile_is_not_overwritten_by_the_renewal() -> None:
    alice = make_customer()
    stale = User.objects.get()
    alice.set_pins(view="8241", payment="730516")
    alice.save()
    attempts.renew(stale, Kind.PAYMENT_PIN, PAYMENT_PIN, stale.payment_pin)
    prove(User.objects.get(), Kind.PAYMENT_PIN, "730516")


RESERVE_AND_HANG = """
import os, sys, time, uuid, django
django.setup()
from django.conf import settings
from django.db import connections
connections["default"].settings_dict["NAME"] = sys.argv[1]
from accounts.guard.attempts import Attempt
Attempt(uuid.UUID(sys.argv[2]), "payment").reserve()
print("reserved", flush=True)
time.sleep(600)
"""


def test_a_worker_killed_in_the_middle_of_a_guess_leaves_it_counted() -> None:
    alice = make_customer()
    fail(alice, 4)
    environment = os.environ | {"DJANGO_SETTINGS_MODULE": "wallet_site.settings", "BCRYPT_ROUNDS": "10"}
    command = [sys.executable, "-c", RESERVE_AND_HANG, str(connections["default"].settings_dict["NAME"]), str(alice.id)]
    with subprocess.Popen(command, env=environment, cwd=BASE_DIR, stdout=subprocess.PIPE, text=True) as worker:
        assert worker.stdout
        assert worker.stdout.readline() == "reserved\n"
        worker.kill()
    guard = guard_of(alice)
    assert (guard.failures, len(guard.pending)) == (4, 1)
    guard.pending = {key: at - attempts.ABANDONED_SECONDS for key, at in guard.pending.items()}
    guard.save()
    with pytest.raises(SecretLocked):
        prove(alice, Kind.PAYMENT_PIN, PAYMENT_PIN)


def test_a_try_that_was_abandoned_and_settles_after_all_is_one_failure() -> None:
    alice = make_customer()
    slow = attempts.Attempt(alice.id, Kind.VIEW_PIN)
    slow.reserve()
    Guard.objects.update(pending={slow.reservation: 0})  # in the last century
    slow._run(attempts.FAIL_ABANDONED)
    slow.fail()
    assert Guard.objects.get().failures == 1
