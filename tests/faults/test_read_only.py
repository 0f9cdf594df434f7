"""A server that only reads: a standby, or a primary that was told not to write. There is nobody to do business with."""

from collections.abc import Callable, Iterator
from functools import partial

import pytest
from django.core.management import call_command
from django.db import Error, connections
from django.test import Client

from accounts.models import User
from ledger.db import serializable
from ledger.models import Account
from ledger.outages import OutcomeUnknown, is_unreachable, sqlstate
from ledger.posting import post
from payments.models import Payment
from tests import people
from tests.faults.pair import BOTH, SECONDS, Pair, lead_to
from tests.ledger.books import account, order
from tests.running import wait_for
from wallet_site.environment import one_line_errors

pytestmark = pytest.mark.django_db(transaction=True, databases=BOTH)

WRITABLE, ANY = {"target_session_attrs": "read-write"}, {"target_session_attrs": "any"}


@pytest.fixture
def ada(two: Pair) -> Client:
    """Signed in, on a page, with both connections open."""
    user = people.make_customer("ada", "Ada Lovelace")
    people.fund(user, 100_00)
    browser = people.sign_in(user)
    browser.raise_request_exception = False
    assert browser.get("/wallet/").status_code == 200
    return browser


def stop_writing(two: Pair) -> None:
    """The connections stay open: nobody restarts."""
    two.primary.set(default_transaction_read_only="on")
    for alias in BOTH:
        wait_for(partial(reads_only, alias), SECONDS)


def reads_only(alias: str) -> bool:
    return fetch(alias, "SHOW transaction_read_only") == "on"


def fetch(alias: str, query: str) -> object:
    with connections[alias].cursor() as cursor:
        cursor.execute(query)
        return cursor.fetchone()[0]


@pytest.fixture(params=["a standby", "a standby, asked for by its operator", "a primary that stopped writing"])
def unwritable(request: pytest.FixtureRequest, two: Pair, ada: Client) -> Iterator[Callable[[], None]]:
    """Both doors lead to a server that only reads; call it to lead them to one that writes."""
    if request.param == "a primary that stopped writing":
        lead_to(two.primary, **ANY)
        stop_writing(two)
        yield partial(two.primary.set, default_transaction_read_only="off")
    else:
        lead_to(two.standby, **(WRITABLE if request.param == "a standby" else ANY))
        yield partial(lead_to, two.primary)


def test_every_page_that_writes_answers_503_and_keeps_no_connection(
    unwritable: Callable[[], None], ada: Client
) -> None:
    stranger = Client(raise_request_exception=False)
    requests = [
        partial(ada.post, "/wallet/reveal/", {"pin": people.VIEW_PIN}),
        partial(ada.post, "/wallet/demo-money/"),
        partial(stranger.post, "/login/", {"email": "ada@example.com", "password": people.PASSWORD}),
        partial(stranger.get, "/readyz"),
    ]
    for request in requests:
        answer = request()
        assert answer.status_code == 503, (request, answer.content)
        assert [connections[alias].connection for alias in BOTH] == [None, None]
    unwritable()
    assert stranger.get("/readyz").status_code == 200
    assert ada.post("/wallet/reveal/", {"pin": people.VIEW_PIN}).status_code == 302


def test_a_payment_is_refused_as_unreachable_not_as_a_failure(unwritable: Callable[[], None], ada: Client) -> None:
    payment = order(Account(pk=1), Account(pk=2), 1)
    for posting in (partial(post, [payment]), partial(serializable, partial(post, [payment]))):
        with pytest.raises(Error) as failure:
            posting()
        assert is_unreachable(failure.value)
        assert connections["serializable"].connection is None
    unwritable()
    alice, bob = account(10), account()
    post([order(alice, bob, 1)])


def test_a_command_says_so_in_one_line(unwritable: Callable[[], None], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as end, one_line_errors():
        call_command("clear_expired")
    assert end.value.code == 1
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith("The database cannot be reached: ")


def test_neither_does_a_command_that_is_not_sure_print_a_traceback(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as end, one_line_errors():
        raise OutcomeUnknown("committed, but no standby has confirmed it")
    assert end.value.code == 1
    assert "running this again does not do it twice" in capsys.readouterr().err


def test_the_site_does_not_read_from_a_standby_either(two: Pair, ada: Client) -> None:
    """It lags: a session that was ended could still be open there."""
    lead_to(two.standby)
    assert ada.get("/wallet/").status_code == 503
    lead_to(two.primary)
    assert ada.get("/wallet/").status_code == 200


def test_an_auditor_may_prove_the_books_on_a_standby(
    two: Pair, ada: Client, capsys: pytest.CaptureFixture[str]
) -> None:
    lead_to(two.standby, **ANY)
    call_command("verify_ledger")
    assert "The books are right." in capsys.readouterr().out


def test_what_else_is_not_supported_is_no_outage(two: Pair) -> None:
    with pytest.raises(Error) as failure:
        fetch("default", "SELECT count(*) FROM ledger_account FOR UPDATE")
    assert sqlstate(failure.value) == "0A000"
    assert not is_unreachable(failure.value)


@pytest.mark.parametrize(
    "limit", ["idle_session_timeout", "idle_in_transaction_session_timeout", "transaction_timeout"]
)
def test_a_connection_that_the_server_ends_is_lost_whatever_its_reason(limit: str) -> None:
    connection = connections["default"]
    with connection.cursor() as cursor:
        cursor.execute(f"SET {limit} = '10ms'")
    if limit != "idle_session_timeout":
        connection.connection.execute("BEGIN")

    def is_lost() -> bool:
        try:
            fetch("default", "SELECT 1")
        except Error as error:
            assert is_unreachable(error)
            return True
        return False

    wait_for(is_lost, SECONDS)
    connection.close()


def test_the_draft_of_a_payment_outlives_a_failover(two: Pair, ada: Client) -> None:
    grace = people.make_customer("grace", "Grace Hopper")
    payer = User.objects.get(handle="ada")
    draft = Payment.objects.draft(payer=payer, payee=grace, amount=12_34, note="")
    two.fail_over()
    assert ada.post(f"/send/{draft.id}/check/", {"pin": people.PAYMENT_PIN}).status_code == 503
    lead_to(two.standby)
    assert ada.post(f"/send/{draft.id}/check/", {"pin": people.PAYMENT_PIN}).status_code == 302
    assert people.balance(payer) == 87_66
