"""post(): the only way money moves."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.db import Error, IntegrityError, connections, transaction

from ledger.db import ALIAS, SerializationExhausted, current_attempt, prove_replicated, serializable
from ledger.models import DEBIT_NORMAL, Account, Status, Transfer
from ledger.orders import (
    LARGEST,
    AccountNotOpen,
    AlreadyReversed,
    AmountTooLarge,
    CurrencyMismatch,
    IdempotencyConflict,
    InsufficientFunds,
    LedgerError,
    NoSuchAccount,
    NoSuchTransfer,
    Order,
    OutOfOrder,
    RefusedByTheBooks,
    key_of,
)
from ledger.outages import NotReplicated, OutcomeUnknown

if TYPE_CHECKING:
    from django.contrib.auth.base_user import AbstractBaseUser

__all__ = [
    "AccountNotOpen", "AlreadyReversed", "AmountTooLarge", "CurrencyMismatch", "IdempotencyConflict",
    "InsufficientFunds", "LedgerError", "NoSuchAccount", "NoSuchTransfer", "Order", "OutOfOrder", "OutcomeUnknown",
    "RefusedByTheBooks", "SerializationExhausted", "post", "preview", "reverse",
]  # fmt: skip

COLUMNS = (
    "id", "debit_account_id", "credit_account_id", "amount", "currency", "kind", "memo", "initiated_by_id",
    "reverses_id", "batch", "attempts", "waited_ms", "posted_at",
)  # fmt: skip
# By an array of keys, never a join with one: that is planned as a sequential scan, which locks the whole table against
# everybody. (On a small table so would this one be: the door forbids it.) In the order of their ids, so that of two who
# pay each other one waits before it holds anything. Times and orders go as text and as JSON, which is faster here than
# psycopg's own loaders and dumpers.
LOCK = """
SELECT id, kind, currency, balance, floor, status,
  greatest(clock_timestamp(), last_posted_at)::text, last_posted_at::text
FROM ledger_account WHERE id = ANY(%s::bigint[]) ORDER BY id FOR NO KEY UPDATE"""
WRITE = f"""
INSERT INTO ledger_transfer ({", ".join(COLUMNS)})
SELECT {", ".join(COLUMNS)} FROM json_populate_recordset(NULL::ledger_transfer, %s)"""
Rules = Callable[[], object]
encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), default=str).encode


@dataclass(slots=True)
class Locked:
    """An account's row, locked, as the orders before this one have left it."""

    id: int
    kind: str
    currency: str
    balance: int
    floor: int | None
    status: str
    now: str
    last_posted_at: str | None

    def move(self, order: Order, currency: str, debit: bool) -> None:
        rises = debit == (self.kind in DEBIT_NORMAL)
        if self.currency != currency:
            raise CurrencyMismatch(order)
        if self.status != Status.OPEN and not (rises and self.status == Status.FROZEN):
            raise AccountNotOpen(order)
        self.balance += order.amount if rises else -order.amount
        # A constraint keeps every balance at or above its floor, so one that rises need not be asked.
        if not rises and self.floor is not None and self.balance < self.floor:
            raise InsufficientFunds(order)
        if abs(self.balance) > LARGEST:
            raise AmountTooLarge(order)


def no_more() -> None:
    """No rules but the books' own."""


def post(orders: Sequence[Order], at: datetime | None = None, *, rules: Rules = no_more) -> list[Transfer]:
    """Posts all the orders, linked, or none of them; gives back their transfers in the same order.

    Inside serializable() it joins what is under way; otherwise it opens its own. An order whose id is in the books
    already gives the transfer that is there. `at` is for opening history only: demo data, imports. `rules` are the
    caller's own, asked behind the accounts' locks before anything is written, in each attempt anew: what they raise
    ends it.
    Raises a LedgerError naming the order at fault, SerializationExhausted, OutcomeUnknown; ValueError when an id comes
    twice.
    """
    orders = list(orders)
    if len({order.id for order in orders}) != len(orders):
        raise ValueError("one id comes twice")
    if not orders:
        return []
    if current_attempt() is not None:
        return _join(orders, at, rules)
    try:
        return _post_alone(orders, at, rules)
    except NotReplicated:
        raise  # it is there; looking would only wait for the same standby again
    except OutcomeUnknown:
        return _find_out(orders, at, rules)


def preview(orders: Sequence[Order]) -> dict[int, int]:
    """Balances after, in minor units, by account id: the real thing, rolled back. Raises what `post` would."""

    def work() -> None:
        _write(list(orders), None)
        accounts = Account.objects.filter(pk__in=accounts_of(orders))
        raise _RolledBack(dict(accounts.values_list("pk", "balance")))

    try:
        serializable(work, accounts_of(orders))
    except _RolledBack as result:
        return result.balances
    except (LedgerError, IntegrityError) as error:
        raise _refusal(error, list(orders)) from error
    raise AssertionError("a preview always rolls back")


class _RolledBack(Exception):
    def __init__(self, balances: dict[int, int]) -> None:
        self.balances = balances


def reverse(
    transfer: Transfer,
    *,
    id: UUID,
    kind: str = "reversal",
    memo: str = "",
    initiated_by: AbstractBaseUser | UUID | None = None,
) -> Transfer:
    """Posts the mirror image of `transfer`, once. Raises AlreadyReversed, or what `post` raises: money may be gone."""
    order = Order(
        id=id,
        debit=transfer.credit_account_id,
        credit=transfer.debit_account_id,
        amount=transfer.amount,
        currency=transfer.currency,
        kind=kind,
        memo=memo,
        initiated_by=initiated_by,
        reverses=transfer,
    )
    (reversal,) = post([order])
    return reversal


def accounts_of(orders: Sequence[Order]) -> list[int]:
    return sorted({account for order in orders for account in (order.debit_id, order.credit_id)})


def _write(orders: list[Order], at: datetime | None, rules: Rules = no_more) -> list[Transfer]:
    """Locks, decides, writes: three steps, two statements, whatever the number of orders."""
    with connections[ALIAS].cursor() as cursor:
        cursor.execute(LOCK, [f"{{{','.join(map(str, accounts_of(orders)))}}}"])
        locked = {row[0]: Locked(*row) for row in cursor.fetchall()}
        rows = [_decide(order, locked, at) for order in orders]
        rules()
        attempt = current_attempt()
        assert attempt is not None
        stamp = {
            "attempts": attempt.number,
            "waited_ms": round(attempt.waited * 1000),
            # Taken under the locks and never before an account's last entry, so that time order is sequence order.
            "posted_at": at or max(datetime.fromisoformat(account.now) for account in locked.values()),
        }
        rows = [row | stamp for row in rows]
        cursor.execute(WRITE, [encode(rows)])
    return [Transfer.from_db("default", list(row), list(row.values())) for row in rows]


def _decide(order: Order, locked: dict[int, Locked], at: datetime | None) -> dict[str, Any]:
    """The rules, in the words of a page; the database holds the same ones and refuses what gets past these."""
    row = order.values()
    for account, debit in ((order.debit_id, True), (order.credit_id, False)):
        if account not in locked:
            raise NoSuchAccount(order)
        last = locked[account].last_posted_at
        if at and last and at < datetime.fromisoformat(last):
            raise OutOfOrder(order)
        locked[account].move(order, row["currency"], debit)
    return row


def _post_alone(orders: list[Order], at: datetime | None, rules: Rules) -> list[Transfer]:
    try:
        return serializable(lambda: _write(orders, at, rules), accounts_of(orders))
    except (LedgerError, IntegrityError, SerializationExhausted) as error:
        return _posted_before(orders, at, rules, error)


def _join(orders: list[Order], at: datetime | None, rules: Rules) -> list[Transfer]:
    """post() inside a block, which an error would end without the savepoint.

    Nothing is looked for before: a look for an id that is not there is promised to stay true, and on a small table that
    promise is about everybody else's payments as well.
    """
    try:
        with transaction.atomic(using=ALIAS):
            return _write(orders, at, rules)
    except (LedgerError, IntegrityError) as error:
        return _posted_before(orders, at, rules, error)


def _posted_before(orders: list[Order], at: datetime | None, rules: Rules, error: Exception) -> list[Transfer]:
    """The id may be in the books: a first try took the very funds that the second one misses. Else raises why not."""
    known = _in_the_books(orders)
    if not known:
        raise _refusal(error, orders) from error
    prove_replicated()
    return _complete(orders, known, at, rules)


def _complete(orders: list[Order], known: dict[UUID, Transfer], at: datetime | None, rules: Rules) -> list[Transfer]:
    """`known` are in the books: the rest is posted, if each is what was asked for."""
    for order in orders:
        if order.id in known and bytes(known[order.id].fingerprint) != order.fingerprint():
            raise IdempotencyConflict(order)
    fresh = [order for order in orders if order.id not in known]
    known = known | {transfer.id: transfer for transfer in post(fresh, at, rules=rules)}
    return [known[order.id] for order in orders]


def _find_out(orders: list[Order], at: datetime | None, rules: Rules) -> list[Transfer]:
    """The answer to COMMIT was lost. On new connections: is it there? If not, the old backend may still be at it.

    Posting the same ids again settles that: it waits for the locks the old one holds, and then either finds the
    transfers or writes them. If even that cannot be done, the outcome stays unknown.
    """
    try:
        known = _in_the_books(orders)
        if not known:
            return _post_alone(orders, at, rules)
        prove_replicated()
        return _complete(orders, known, at, rules)
    except (SerializationExhausted, Error) as error:
        raise OutcomeUnknown("the answer to COMMIT was lost, and the books do not tell yet") from error


def _in_the_books(orders: list[Order]) -> dict[UUID, Transfer]:
    return Transfer.objects.in_bulk([order.id for order in orders])


def _refusal(error: Exception, orders: list[Order]) -> Exception:
    """What to tell the caller: the database's word for it as ours, where it is an order's fault."""
    reversals = [order for order in orders if order.reverses is not None]
    if reversals and (again := _reversed_before(reversals)):
        return AlreadyReversed(again)
    rule = getattr(getattr(error.__cause__, "diag", None), "constraint_name", None)
    if rule in ("reversal_mirrors_its_transfer", "reversal_follows_its_transfer"):
        return NoSuchTransfer(reversals[0])
    return RefusedByTheBooks(orders[0], error) if isinstance(error, IntegrityError) else error


def _reversed_before(reversals: list[Order]) -> Order | None:
    originals = [key_of(order.reverses) for order in reversals]
    done = set(Transfer.objects.filter(reverses__in=originals).values_list("reverses_id", flat=True))
    return next((order for order in reversals if key_of(order.reverses) in done), None)
