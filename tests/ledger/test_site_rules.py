"""What the site's role has the right to try and no page does. Each is refused by a rule that names itself, and is real: with
that rule switched off it gets through.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import uuid4

import psycopg
import pytest
from django.db import DatabaseError, IntegrityError, connections
from django.utils import timezone

from accounts.models import User
from ledger import numbers
from ledger.db import ALIAS, serializable
from ledger.models import Account, Transfer
from ledger.posting import Order, post
from tests.ledger.books import BOTH, balances, order, user

pytestmark = pytest.mark.django_db(transaction=True, databases=BOTH)


@dataclass
class Scene:
    """Alice has 990, Bob 10; what the bank has is in settlement. Two more wallets have not moved for two days."""

    alice: User
    bob: User
    hers: Account
    his: Account
    settlement: Account
    idle: list[Account]
    paid: Transfer


@pytest.fixture
def books(people: list[User]) -> Scene:
    """Made by the owner, before the site connects."""
    hers, his, *idle = (Account.objects.for_owner(person) for person in (*people, user("carol"), user("david")))
    settlement = Account.objects.system("settlement")
    Account.objects.system("promotions")
    post([order(settlement, each, 100) for each in idle], at=timezone.now() - timedelta(days=2))
    paid = post([order(settlement, hers, 1000), order(hers, his, 10)])[1]
    return Scene(*people, hers, his, settlement, idle, paid)


@pytest.fixture
def scene(books: Scene, site: str) -> Scene:
    return books


def payment(scene: Scene, **changes: Any) -> Order:
    plain = {
        "id": uuid4(), "debit": scene.hers, "credit": scene.his, "amount": 1, "kind": "payment", "initiated_by": scene.alice,
    }  # fmt: skip
    return Order(**(plain | changes))


def open_wallet(columns: dict[str, object]) -> None:
    names, marks = ", ".join(columns), ", ".join(["%s"] * len(columns))
    with connections["default"].cursor() as cursor:
        cursor.execute(f"INSERT INTO ledger_account ({names}) VALUES ({marks})", list(columns.values()))


def backdate(scene: Scene, ago: timedelta) -> None:
    """Between two accounts that have been idle for longer, so that no order of time is in the way."""
    post([order(*scene.idle, 1, initiated_by=scene.idle[0].owner)], at=timezone.now() - ago)


RULED, NOW, PLAIN = "only_ruled_postings", "posting_is_of_now", "only_plain_wallets"
ATTACKS: dict[str, tuple[str, Callable[[Scene], object]]] = {
    "pay a customer out of settlement": (RULED, lambda s: post([payment(s, debit=s.settlement, initiated_by=s.bob)])),
    "pay a customer out of promotions": (
        RULED,
        lambda s: post([payment(s, debit=Account.objects.system("promotions"), initiated_by=s.bob)]),
    ),
    "move a wallet's money to the bank": (RULED, lambda s: post([payment(s, credit=s.settlement)])),
    "demo money out of a wallet": (RULED, lambda s: post([payment(s, kind="demo", initiated_by=s.bob)])),
    "a kind that no rule knows": (RULED, lambda s: post([payment(s, kind="deposit")])),
    "in nobody's name": (RULED, lambda s: post([payment(s, initiated_by=None)])),
    "in the payee's name": (RULED, lambda s: post([payment(s, initiated_by=s.bob)])),
    "take a payment back": (
        RULED,
        lambda s: post([payment(s, debit=s.his, credit=s.hers, amount=10, initiated_by=s.bob, reverses=s.paid)]),
    ),
    "join somebody's batch": (RULED, lambda s: post([payment(s, batch=uuid4())])),
    "hidden in a batch of good ones": (
        RULED,
        lambda s: post([payment(s), payment(s, debit=s.settlement, initiated_by=s.bob), payment(s)]),
    ),
    "yesterday": (NOW, lambda s: backdate(s, timedelta(days=1))),
    "just before it began": (NOW, lambda s: backdate(s, timedelta(seconds=2))),
    "later": (NOW, lambda s: post([payment(s)], at=timezone.now() + timedelta(seconds=30))),
    "a wallet in a currency that is not listed": (
        "wallet_has_a_listed_currency",
        lambda s: open_wallet({"number": numbers.new(), "currency": "XAU", "owner_id": s.alice.pk}),
    ),
    "an account of the bank's in such a currency": (
        "system_account_has_a_listed_currency",
        lambda s: Account.objects.system("cash", "XAU"),
    ),
    "another opening time": ("account_keeps_its_identity", lambda s: Account.objects.update(opened_at=timezone.now())),
    "a wallet with a number of one's own": (
        "number_has_check_digits",
        lambda s: open_wallet({"number": "000000000099", "currency": "USD", "owner_id": s.bob.pk}),
    ),
}


def attempt(attack: Callable[[Scene], object], scene: Scene) -> str | None:
    try:
        attack(scene)
    except IntegrityError as error:
        cause: BaseException | None = error
        while isinstance(cause, IntegrityError):
            cause = cause.__context__ if cause.__cause__ in (None, cause) else cause.__cause__
        assert isinstance(cause, psycopg.Error)
        return cause.diag.constraint_name
    return None


@pytest.mark.parametrize("how", ATTACKS)
def test_the_site_is_refused_by_name(how: str, scene: Scene) -> None:
    rule, attack = ATTACKS[how]
    before = balances(scene.hers, scene.his, scene.settlement)
    assert attempt(attack, scene) == rule
    assert balances(scene.hers, scene.his, scene.settlement) == before


@pytest.fixture
def owners_trigger(owner: psycopg.Connection) -> Iterator[Callable[[str, str], None]]:
    switched: list[tuple[str, str]] = []

    def switch(table: str, trigger: str) -> None:
        owner.execute(f"ALTER TABLE {table} DISABLE TRIGGER {trigger}")
        owner.commit()
        switched.append((table, trigger))

    yield switch
    for table, trigger in switched:
        owner.execute(f"ALTER TABLE {table} ENABLE TRIGGER {trigger}")
    owner.commit()


@pytest.mark.parametrize("how", [how for how, (rule, _) in ATTACKS.items() if rule in (RULED, NOW)])
def test_without_the_rule_it_would_get_through(
    how: str, books: Scene, owners_trigger: Callable[[str, str], None], site: str
) -> None:
    owners_trigger("ledger_transfer", RULED)
    assert attempt(ATTACKS[how][1], books) is None


@pytest.mark.parametrize(
    "changes",
    [
        {"owner_id": None},
        {"kind": "asset"},
        {"floor": None},
        {"floor": -5},
        {"status": "frozen"},
        {"opened_at": "2001-01-01"},
        {"opened_at": "2222-01-01"},
    ],
    ids=str,
)
def test_rights_that_crept_in_open_no_other_wallet(
    changes: dict[str, object], books: Scene, site: str, owner: psycopg.Connection
) -> None:
    """The columns are not the site's to name; if they were, only plain wallets would pass."""
    carla = user("carla")
    plain = {
        "number": numbers.new(), "owner_id": carla.pk, "name": "" if "owner_id" not in changes else "till", "kind": "liability",
        "currency": "EUR", "floor": 0,
    }  # fmt: skip
    owner.execute(f"GRANT INSERT ON ledger_account TO {site}")
    owner.commit()
    try:
        rule = attempt(lambda _: open_wallet(plain | changes), books)
        assert rule == ("wallet_is_a_liability" if "kind" in changes else PLAIN)
        open_wallet(plain | {"owner_id": carla.pk, "name": ""})
    finally:
        owner.execute(f"REVOKE INSERT ON ledger_account FROM {site}")
        owner.execute(f"GRANT INSERT (number, owner_id, currency) ON ledger_account TO {site}")
        owner.commit()


def test_a_wallet_of_nobody_says_no_kind_and_is_refused(books: Scene, site: str) -> None:
    with pytest.raises(IntegrityError, match="null value"):
        open_wallet({"number": numbers.new(), "currency": "EUR"})


def test_thawing_paying_and_freezing_again_is_impossible(books: Scene, site: str) -> None:
    frozen = Account.objects.get(pk=books.hers.pk)

    def work() -> None:
        Account.objects.filter(pk=frozen.pk).update(status="open")
        post([payment(books)])
        Account.objects.filter(pk=frozen.pk).update(status="frozen")

    with pytest.raises(DatabaseError) as refusal:
        serializable(work)
    assert getattr(refusal.value.__cause__, "sqlstate", "") == "42501"
    assert balances(books.hers) == [990]


def test_who_became_the_site_by_set_role_is_bound_as_well(books: Scene, site: str, owner: psycopg.Connection) -> None:
    """An owner that takes a lesser role does so to be bound by it: what counts is who acts, not who connected."""
    owner.rollback()
    with psycopg.connect(**superusers(owner)) as superuser:
        superuser.execute(f"SET ROLE {site}")
        superuser.execute("SET TRANSACTION ISOLATION LEVEL SERIALIZABLE")
        with pytest.raises(psycopg.errors.CheckViolation, match="no rule allows"):
            superuser.execute(
                "INSERT INTO ledger_transfer (id, debit_account_id, credit_account_id, amount, currency, kind, memo, posted_at)"
                " VALUES (gen_random_uuid(), %s, %s, 5, 'EUR', 'payment', '', clock_timestamp())",
                [books.settlement.pk, books.his.pk],
            )
        superuser.rollback()
        superuser.execute(f"SET ROLE {site}")
        with pytest.raises(psycopg.errors.CheckViolation, match="listed"):
            superuser.execute("SELECT ledger_open_system_account('fees', 'XAU', %s)", [numbers.new()])
        superuser.rollback()


def superusers(connection: psycopg.Connection) -> dict[str, Any]:
    import os

    url = psycopg.conninfo.conninfo_to_dict(os.environ["SUPERUSER_DATABASE_URL"])
    return url | {"dbname": connection.info.dbname}


def test_an_account_ahead_of_the_clock_is_no_reason_to_refuse(
    books: Scene, site: str, owner: psycopg.Connection
) -> None:
    """After a clock was set back: what is posted next has the account's last time, and with it all of its batch."""
    ahead = timezone.now() + timedelta(seconds=20)
    owner.execute("SET session_replication_role = replica")
    owner.execute("UPDATE ledger_account SET last_posted_at = %s WHERE id = %s", [ahead, books.hers.pk])
    owner.commit()
    first, second = post([payment(books), order(books.his, books.idle[0], 1, initiated_by=books.bob)])
    assert first.posted_at == second.posted_at == ahead


def test_demo_money_is_for_the_demo_only(books: Scene, site: str, owner: psycopg.Connection) -> None:
    gift = payment(
        books, debit=Account.objects.system("promotions"), credit=books.his, kind="demo", initiated_by=books.bob
    )
    post([gift])
    owner.execute("DELETE FROM ledger_posting_rule WHERE kind = 'demo'")
    owner.commit()
    again = payment(
        books, debit=Account.objects.system("promotions"), credit=books.his, kind="demo", initiated_by=books.bob
    )
    assert attempt(lambda _: post([again]), books) == RULED


def test_a_payment_of_the_sites_locks_no_whole_table_against_others(scene: Scene) -> None:
    def work() -> set[str]:
        post([payment(scene)])
        with connections[ALIAS].cursor() as cursor:
            cursor.execute(
                "SELECT relation::regclass::text FROM pg_locks"
                " WHERE pid = pg_backend_pid() AND mode = 'SIReadLock' AND locktype = 'relation'"
            )
            return {row[0] for row in cursor.fetchall()}

    assert not {name for name in serializable(work) if name.startswith("ledger_")}


def test_python_and_the_database_know_the_same_accounts_of_the_bank(site: str) -> None:
    with connections["default"].cursor() as cursor, pytest.raises(IntegrityError, match="no such account"):
        cursor.execute("SELECT ledger_open_system_account('slush fund', 'EUR', %s)", [numbers.new()])
