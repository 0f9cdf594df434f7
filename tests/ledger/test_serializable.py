import contextvars
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.conf import settings
from django.contrib.sessions.models import Session
from django.db import DatabaseError, connections, transaction

from ledger import db
from ledger.checks import check_doors
from ledger.db import ATTEMPTS, SerializationExhausted, current_attempt, on_commit, serializable
from ledger.models import Account, Transfer
from ledger.posting import post
from tests.ledger.books import BOTH, account, counts, order

pytestmark = pytest.mark.django_db(transaction=True, databases=BOTH)

AT_A_STATEMENT = "CREATE TRIGGER unlucky BEFORE INSERT ON ledger_transfer FOR EACH ROW EXECUTE FUNCTION unlucky()"
AT_COMMIT = (
    "CREATE CONSTRAINT TRIGGER unlucky AFTER INSERT ON ledger_transfer DEFERRABLE INITIALLY DEFERRED"
    " FOR EACH ROW EXECUTE FUNCTION unlucky()"
)


@contextmanager
def failures(count: int, trigger: str, state: str = "40001") -> Iterator[None]:
    """PostgreSQL itself refuses the next `count` transfers. A sequence counts, since no rollback takes it back."""
    with connections["default"].cursor() as cursor:
        cursor.execute(
            "CREATE SEQUENCE unlucky_attempts;"
            "CREATE FUNCTION unlucky() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
            f" IF nextval('unlucky_attempts') <= {count} THEN RAISE EXCEPTION 'unlucky' USING ERRCODE = '{state}'; END IF;"
            " RETURN NEW; END $$;" + trigger
        )
        try:
            yield
        finally:
            cursor.execute("DROP FUNCTION unlucky() CASCADE; DROP SEQUENCE unlucky_attempts")


@pytest.mark.parametrize("trigger", [AT_A_STATEMENT, AT_COMMIT])
@pytest.mark.parametrize("state", ["40001", "40P01"])
def test_it_commits_once_after_nine_failures(trigger: str, state: str) -> None:
    alice, bob = account(1000), account()
    before = counts()
    with failures(9, trigger, state):
        (transfer,) = post([order(alice, bob, 400)])
    transfer.refresh_from_db()
    assert transfer.attempts == 10
    assert 0 < transfer.waited_ms < 4000
    assert counts() == (before[0] + 1, before[1] + 2)


@pytest.mark.parametrize("trigger", [AT_A_STATEMENT, AT_COMMIT])
def test_it_gives_up_after_ten_failures_and_writes_nothing(trigger: str) -> None:
    alice, bob = account(1000), account()
    before, exhausted = counts(), db.exhausted._value.get()
    with failures(10, trigger), pytest.raises(SerializationExhausted):
        post([order(alice, bob, 400)])
    assert counts() == before
    assert db.exhausted._value.get() == exhausted + 1


def test_it_does_not_retry_other_errors() -> None:
    alice, bob = account(1000), account()
    seen = []

    def pay() -> None:
        attempt = current_attempt()
        assert attempt
        seen.append(attempt.number)
        post([order(alice, bob, 400)])

    with failures(ATTEMPTS, AT_COMMIT, "55P03"), pytest.raises(DatabaseError):
        serializable(pay)
    assert seen == [1]


def test_it_counts_and_logs_each_retry(caplog: pytest.LogCaptureFixture) -> None:
    alice, bob = account(1000), account()
    before = db.retries.labels("40001")._value.get()
    caplog.set_level("INFO", "ledger.db")
    with failures(3, AT_A_STATEMENT):
        post([order(alice, bob, 400)])
    assert db.retries.labels("40001")._value.get() == before + 3
    assert sum("ledger.retry" in record.getMessage() for record in caplog.records) == 3


def isolation() -> str:
    alias = db.Router().db_for_read(Account)
    with connections[alias].cursor() as cursor:
        cursor.execute("SHOW transaction_isolation")
        return str(cursor.fetchone()[0])


def test_its_work_is_serializable_and_a_pages_is_not() -> None:
    assert isolation() == "read committed"
    assert serializable(isolation) == "serializable"
    assert isolation() == "read committed"


def test_it_sends_every_query_to_its_own_door() -> None:
    assert serializable(lambda: Session.objects.db) == "serializable"
    assert Session.objects.db == "default"
    assert serializable(lambda: list(Account.objects.values_list("pk"))) == []


def test_it_does_not_nest() -> None:
    with pytest.raises(RuntimeError, match="does not nest"):
        serializable(lambda: serializable(lambda: None))


def test_it_does_not_start_inside_a_transaction_on_default() -> None:
    with transaction.atomic(), pytest.raises(RuntimeError, match="`default`"):
        serializable(lambda: None)


async def coroutine() -> None: ...


@pytest.mark.parametrize(
    "fn",
    [
        lambda: (row for row in Account.objects.all()),
        lambda: Account.objects.all(),
        lambda: Account.objects.raw("SELECT * FROM ledger_account"),
        lambda: map(str, [1]),
        coroutine,
    ],
)
@pytest.mark.filterwarnings("ignore:coroutine")
def test_it_refuses_what_would_run_later(fn: Callable[[], object]) -> None:
    with pytest.raises(TypeError, match="outside the transaction"):
        serializable(fn)


def test_it_refuses_queries_of_a_thread_with_a_copied_context() -> None:
    errors: list[Exception] = []

    def query() -> None:
        try:
            Account.objects.create(number="1", name="stray", kind="asset", currency="EUR")
        except RuntimeError as error:
            errors.append(error)

    def work() -> None:
        thread = threading.Thread(target=contextvars.copy_context().run, args=(query,))
        thread.start()
        thread.join()

    serializable(work)
    assert "outside its transaction" in str(errors[0])
    assert not Account.objects.exists()


def test_it_refuses_to_commit_after_a_swallowed_error() -> None:
    alice, bob = account(1000), account()
    before = counts()

    def work() -> None:
        post([order(alice, bob, 100)])
        try:
            Account.objects.raw("SELECT 1/0")[0]
        except DatabaseError:
            pass

    with pytest.raises(RuntimeError, match="swallowed"):
        serializable(work)
    assert counts() == before


def test_on_commit_runs_once_after_the_commit_and_outside() -> None:
    alice, bob = account(1000), account()
    seen: list[tuple[int, str]] = []

    def work() -> None:
        on_commit(lambda: seen.append((Transfer.objects.filter(kind="payment").count(), Transfer.objects.db)))
        post([order(alice, bob, 100)])

    with failures(2, AT_COMMIT):
        serializable(work)
    assert seen == [(1, "default")]


def test_on_commit_outside_runs_at_once() -> None:
    seen: list[int] = []
    on_commit(lambda: seen.append(1))
    assert seen == [1]


def test_a_failing_callback_does_not_make_a_payment_look_failed(caplog: pytest.LogCaptureFixture) -> None:
    alice, bob = account(1000), account()

    def work() -> list[Transfer]:
        on_commit(lambda: 1 / 0)
        return post([order(alice, bob, 100)])

    (transfer,) = serializable(work)
    assert Transfer.objects.filter(pk=transfer.pk).exists()
    assert "ledger.on_commit_failed" in caplog.text


def test_the_backoff_stays_under_the_web_servers_timeout() -> None:
    longest = sum(min(db.FIRST_BACKOFF * 2**n, db.LONGEST_BACKOFF) for n in range(ATTEMPTS - 1))
    assert longest < 5


def test_the_check_names_what_is_wrong(monkeypatch: pytest.MonkeyPatch) -> None:
    assert check_doors(None) == []
    good: dict[str, Any] = settings.DATABASES

    def ids(databases: dict[str, Any], routers: tuple[str, ...] = ("ledger.db.Router",)) -> list[str]:
        monkeypatch.setattr(settings, "DATABASES", databases)
        monkeypatch.setattr(settings, "DATABASE_ROUTERS", list(routers))
        return [error.id or "" for error in check_doors(None)]

    assert ids({"default": good["default"]}) == ["ledger.E001"]
    assert ids(good | {"default": good["default"] | {"NAME": "other"}}) == ["ledger.E002"]
    assert ids(good | {"serializable": good["default"]}) == ["ledger.E003"]
    assert ids(good | {"default": good["serializable"]}) == ["ledger.E004"]
    assert ids(good, ()) == ["ledger.E005"]
    assert ids(good | {"default": good["default"] | {"ATOMIC_REQUESTS": True}}) == ["ledger.E006"]
