"""The site's role reads the books and posts transfers. It tries everything else here, and may not."""

import os
from collections.abc import Iterator
from uuid import uuid4

import psycopg
import pytest
from django.db import DatabaseError, connections

from accounts.models import User
from ledger.db import serializable
from ledger.grants import site_grants
from ledger.models import SYSTEM_ACCOUNTS, Account
from ledger.posting import post, preview, reverse
from ledger.queue import note_wasted, take_turn
from tests.ledger.books import BOTH, balances, order, user

pytestmark = pytest.mark.django_db(transaction=True, databases=BOTH)


@pytest.fixture
def people() -> list[User]:
    return [user("alice"), user("bobby")]


@pytest.fixture
def site(people: list[User]) -> Iterator[str]:
    """Both of Django's doors opened as the site's role; its name."""
    url = psycopg.conninfo.conninfo_to_dict(os.environ["SITE_ROLE_DATABASE_URL"])
    role = str(url["user"])
    with connections["default"].cursor() as cursor:
        cursor.execute(f'GRANT CONNECT ON DATABASE "{connections["default"].settings_dict["NAME"]}" TO "{role}"')
        for grant in site_grants(role):
            cursor.execute(grant)
    owner = {alias: dict(connections[alias].settings_dict) for alias in BOTH}
    for alias in BOTH:
        connections[alias].close()
        connections[alias].settings_dict.update(USER=role, PASSWORD=str(url["password"]))
    yield role
    for alias in BOTH:
        connections[alias].close()
        connections[alias].settings_dict.update(owner[alias])


def test_the_site_can_do_its_work(site: str, people: list[User]) -> None:
    with connections["serializable"].cursor() as cursor:
        cursor.execute("SELECT current_user")
        assert cursor.fetchone() == (site,)
    alice, bob = (Account.objects.for_owner(person) for person in people)
    others = [Account.objects.system(name) for name in SYSTEM_ACCOUNTS]
    post([order(Account.objects.system("cash"), alice, 1000, initiated_by=people[0])])
    assert preview([order(alice, bob, 1)]) == {alice.pk: 999, bob.pk: 1}
    note_wasted([alice.pk, bob.pk])
    (payment,) = post([order(alice, bob, 1)])
    reverse(payment, id=uuid4())
    serializable(lambda: take_turn(["ledger_account"]))  # what a batch does on its second attempt
    post([order(alice, other, 1) for other in others if other.kind != "liability" for _ in range(3)])
    Account.objects.filter(pk=alice.pk).update(status="frozen", floor=-5)
    assert balances(alice, bob) == [985, 0]


FORBIDDEN = [
    *(f"{verb} ledger_{table}" for table in ("transfer", "entry", "account") for verb in ("DELETE FROM", "TRUNCATE")),
    "UPDATE ledger_transfer SET memo = ''",
    "UPDATE ledger_transfer SET attempts = 1",
    "UPDATE ledger_entry SET amount = amount",
    "UPDATE ledger_account SET balance = 1",
    "UPDATE ledger_account SET last_seq = 0",
    "UPDATE ledger_account SET head = ''",
    "UPDATE ledger_account SET owner_id = NULL",
    "UPDATE ledger_account SET number = '1'",
    "UPDATE ledger_account SET currency = 'USD'",
    "INSERT INTO ledger_account (number, name, kind, currency, balance) VALUES ('1', 'rich', 'asset', 'EUR', 5)",
    "INSERT INTO ledger_entry (account_id, seq, transfer_id, side) VALUES (1, 1, gen_random_uuid(), 'debit')",
    "INSERT INTO ledger_entry SELECT * FROM ledger_entry",
    "SET session_replication_role = replica",
    "ALTER TABLE ledger_entry DISABLE TRIGGER ALL",
    "DROP TRIGGER entries_are_append_only ON ledger_entry",
    "CREATE OR REPLACE FUNCTION ledger_post() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END'",
    "CREATE TRIGGER mine AFTER INSERT ON ledger_transfer EXECUTE FUNCTION ledger_post()",
    "SELECT setval('ledger_entry_id_seq', 1)",
    "DROP TABLE ledger_lane_0",
    "INSERT INTO ledger_lane_0 DEFAULT VALUES",
]


@pytest.mark.asvs("13.2.2")
@pytest.mark.parametrize("statement", FORBIDDEN)
def test_the_site_cannot(statement: str, site: str) -> None:
    with pytest.raises(DatabaseError) as refusal, connections["default"].cursor() as cursor:
        cursor.execute(statement)
    assert getattr(refusal.value.__cause__, "sqlstate", "") == "42501"  # insufficient privilege


def test_the_site_owns_nothing(site: str) -> None:
    with connections["default"].cursor() as cursor:
        cursor.execute("SELECT relname FROM pg_class WHERE relowner = %s::regrole", [site])
        assert cursor.fetchall() == []


def test_the_sites_own_functions_are_not_called_by_the_books(site: str, people: list[User]) -> None:
    """The posting trigger runs with its owner's rights, so it must not find a function of somebody else's first."""
    alice, cash = Account.objects.for_owner(people[0]), Account.objects.system("cash")

    def work() -> None:
        with connections["serializable"].cursor() as cursor:
            cursor.execute("CREATE TEMP TABLE ledger_account (id bigint)")
            cursor.execute("SET LOCAL search_path = pg_temp, public")
            columns = "id, debit_account_id, credit_account_id, amount, currency, kind, memo, posted_at"
            cursor.execute(
                f"INSERT INTO public.ledger_transfer ({columns}) VALUES (%s, %s, %s, 5, 'EUR', 'deposit', '', clock_timestamp())",
                [uuid4(), cash.pk, alice.pk],
            )

    try:
        serializable(work)
    except DatabaseError as error:  # may not even make temporary tables
        assert getattr(error.__cause__, "sqlstate", "") == "42501"
    else:
        assert balances(alice) == [5]
