"""Whatever the database refuses in the books leaves one line in the log, on whichever way it was tried."""

from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest
import structlog
from django.db import Error, connections, transaction

from accounts.models import User
from ledger import numbers
from ledger.db import serializable
from ledger.models import Account, Entry, Transfer
from ledger.posting import InsufficientFunds, LedgerError, Locked, post, preview, reverse
from payments.models import Payment
from tests import people as customers
from tests.ledger.books import BOTH, account, order, user

pytestmark = pytest.mark.django_db(transaction=True, databases=BOTH)

AMOUNT, MEMO = 918_273_645, "to be kept to ourselves"
INSERT = (
    "INSERT INTO ledger_transfer (id, debit_account_id, credit_account_id, amount, currency, kind, memo, posted_at)"
    " VALUES (%s, %s, %s, %s, 'EUR', 'payment', %s, clock_timestamp())"
)


def execute(alias: str, statement: str, params: list[object] | None = None) -> None:
    with connections[alias].cursor() as cursor:
        cursor.execute(statement, params)


class Books:
    """Alice has nothing, and paid it to Bob."""

    def __init__(self) -> None:
        self.alice, self.bob = account(5), account()
        (self.paid,) = post([order(self.alice, self.bob, 5)])

    def insert(self, id: object = None, amount: int = AMOUNT) -> None:
        execute("serializable", INSERT, [id or uuid4(), self.alice.pk, self.bob.pk, amount, MEMO])


def overdraw(books: Books) -> object:
    return post([order(books.alice, books.bob, AMOUNT, memo=MEMO)])


WAYS: dict[str, tuple[Callable[[Books], object], str, str | None, str]] = {  # how, rule, table if it is named, SQLSTATE
    "post": (overdraw, "balance_stays_above_its_floor", None, "23514"),
    "post, in a block": (
        lambda books: serializable(lambda: bool(overdraw(books))), "balance_stays_above_its_floor", None, "23514",
    ),
    "preview": (
        lambda books: preview([order(books.alice, books.bob, AMOUNT)]), "balance_stays_above_its_floor", None, "23514",
    ),
    "post, at COMMIT": (
        lambda books: post([order(books.bob, books.alice, 1, initiated_by=uuid4())]),
        "ledger_transfer_initiated_by_id_", "ledger_transfer", "23503",
    ),
    "a second reversal": (
        lambda books: [reverse(books.paid, id=uuid4()) for _ in range(2)], "reversed_once", "ledger_transfer", "23505",
    ),
    "a cursor, in a block": (
        lambda books: serializable(lambda: books.insert(amount=-AMOUNT)), "amount_is_positive", "ledger_transfer", "23514",
    ),
    "a cursor, an id of before": (
        lambda books: serializable(lambda: books.insert(books.paid.pk)), "ledger_transfer_pkey", "ledger_transfer", "23505",
    ),
    "a cursor, READ COMMITTED": (
        lambda books: execute("default", INSERT, [uuid4(), books.alice.pk, books.bob.pk, AMOUNT, MEMO]),
        "posting_is_serializable", None, "23514",
    ),
    "the ORM, a balance": (
        lambda books: Account.objects.filter(pk=books.alice.pk).update(balance=AMOUNT),
        "balance_moves_by_an_entry", "ledger_account", "23514",
    ),
    "the ORM, a transfer": (
        lambda books: Transfer.objects.filter(pk=books.paid.pk).update(amount=AMOUNT, memo=MEMO),
        "transfers_are_append_only", "ledger_transfer", "23514",
    ),
    "the ORM, an entry": (
        lambda books: Entry.objects.filter(account=books.alice).delete(), "entries_are_append_only", "ledger_entry", "23514",
    ),
    "the ORM, at COMMIT": (
        lambda books: open_for_nobody(), "ledger_account_owner_id_", "ledger_account", "23503",
    ),
}  # fmt: skip


@transaction.atomic
def open_for_nobody() -> None:
    Account.objects.create(number=numbers.new(), owner_id=uuid4(), kind="liability", currency="EUR", floor=0)


def lines(caplog: pytest.LogCaptureFixture) -> list[Any]:
    return [record.msg for record in caplog.records if "ledger.refused" in record.getMessage()]


@pytest.mark.parametrize("way", WAYS)
def test_it_is_one_line(way: str, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch) -> None:
    refused, rule, table, state = WAYS[way]
    books = Books()
    monkeypatch.setattr(Locked, "move", lambda *_: None)  # so that it is left to the database
    with structlog.contextvars.bound_contextvars(request_id="r-1"), pytest.raises((Error, LedgerError)):
        refused(books)
    (line,) = lines(caplog)
    assert line["rule"].startswith(rule)
    assert (line["sqlstate"], line["request_id"], line["level"]) == (state, "r-1", "warning")
    assert line["table"] == table if table else line["table"].startswith("ledger_")
    assert str(AMOUNT) not in str(line) and MEMO not in str(line)


def test_a_missing_right_is_one_line_too(site: str, people: list[User], caplog: pytest.LogCaptureFixture) -> None:
    for statement, place in {
        "UPDATE ledger_entry SET amount = 1": "ledger_entry",
        "UPDATE ledger_account SET balance = 918273645": "ledger_account",
        "SELECT setval('ledger_entry_id_seq', 1)": "ledger_entry_id_seq",
        "SET session_replication_role = replica": "session_replication_role",
        "ALTER TABLE ledger_transfer DISABLE TRIGGER ALL": "ledger_transfer",
    }.items():
        caplog.clear()
        with pytest.raises(Error):
            execute("default", statement)
        (line,) = lines(caplog)
        assert (line["table"], line["sqlstate"]) == (place, "42501")


def test_a_pages_line_carries_the_requests_id(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    ada, grace = customers.make_customer("ada", "Ada Lovelace"), customers.make_customer("grace", "Grace Hopper")
    payment = Payment.objects.draft(payer=ada, payee=grace, amount=12_34, note=MEMO)
    browser = customers.sign_in(ada)
    browser.raise_request_exception = False
    monkeypatch.setattr(Locked, "move", lambda *_: None)
    answer = browser.post(f"/send/{payment.id}/check/", {"pin": customers.PAYMENT_PIN})
    (line,) = lines(caplog)
    assert line["request_id"] == answer["X-Request-Id"]
    assert line["rule"] == "balance_stays_above_its_floor"


def test_what_a_page_refuses_and_what_is_not_the_books_is_not_logged(caplog: pytest.LogCaptureFixture) -> None:
    books = Books()
    with pytest.raises(InsufficientFunds):
        post([order(books.alice, books.bob, 1)])
    user("ada1815")
    for statement in (
        "INSERT INTO accounts_user SELECT * FROM accounts_user",
        "SELECT 'ledger_account'::uuid",
        "UPDATE accounts_user SET handle = 'UPPER ledger_account'",
        "SELECT 1/0 FROM ledger_account",
    ):
        with pytest.raises(Error):
            execute("default", statement)
    with pytest.raises(Error):
        execute("default", "SELECT 1 FROM ledger_nothing")
    assert lines(caplog) == []
