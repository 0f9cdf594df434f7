"""The site's role reads the books and posts transfers. It tries everything else here, and may not."""

from uuid import uuid4

import pytest
from django.db import DatabaseError, connections

from accounts.models import User
from ledger.db import serializable
from ledger.lanes import note_wasted, take_turn
from ledger.models import SYSTEM_ACCOUNTS, Account
from ledger.posting import Order, post, preview
from tests.ledger.books import BOTH, balances, order

pytestmark = pytest.mark.django_db(transaction=True, databases=BOTH)


def test_the_site_can_do_its_work(site: str, people: list[User]) -> None:
    with connections["serializable"].cursor() as cursor:
        cursor.execute("SELECT current_user")
        assert cursor.fetchone() == (site,)
    alice, bob = (Account.objects.for_owner(person) for person in people)
    assert (alice.kind, alice.floor, alice.status, alice.name) == ("liability", 0, "open", "")
    opened = {name: Account.objects.system(name) for name in SYSTEM_ACCOUNTS}
    assert {name: each.kind for name, each in opened.items()} == SYSTEM_ACCOUNTS
    assert {each.floor for each in opened.values()} == {None}
    gift = {"debit": opened["promotions"], "credit": alice, "amount": 1000, "kind": "demo"}
    post([Order(id=uuid4(), initiated_by=people[0], **gift)])
    assert preview([order(alice, bob, 1, initiated_by=people[0])]) == {alice.pk: 999, bob.pk: 1}
    note_wasted([alice.pk, bob.pk])
    post([order(alice, bob, 1, initiated_by=people[0])])
    serializable(lambda: take_turn(["ledger_account"]))  # what a batch does on its second attempt
    post([order(alice, bob, 1, initiated_by=people[0]) for _ in range(3)])
    assert balances(alice, bob) == [996, 4]


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
    *(
        f"UPDATE ledger_account SET {change}"
        for change in ("floor = -5", "status = 'open'", "name = 'cash'", "kind = 'asset'")
    ),
    *(
        f"INSERT INTO ledger_account (number, owner_id, currency, {column}) SELECT '000000000098', id, 'EUR', {value} FROM accounts_user"
        for column, value in {
            "kind": "'asset'",
            "floor": "NULL",
            "status": "'frozen'",
            "name": "'x'",
            "id": "-1",
            "opened_at": "now()",
        }.items()
    ),
    "INSERT INTO ledger_account_change (account_id, what, why, role, at) VALUES (1, 'floor', '', '', now())",
    "UPDATE ledger_account_change SET why = ''",
    "DELETE FROM ledger_account_change",
    *(f"{verb} ledger_{table}" for table in ("currency", "posting_rule") for verb in ("DELETE FROM", "TRUNCATE")),
    "INSERT INTO ledger_currency VALUES ('XXX')",
    "INSERT INTO ledger_posting_rule VALUES ('payment', 'system settlement', 'wallet', 'credit')",
    "UPDATE ledger_posting_rule SET debit = 'system settlement'",
    "SELECT ledger_set_floor(1, NULL, NULL, 'because')",
    "SELECT ledger_set_status(1, 'open', NULL, 'because')",
    "SELECT ledger_say_why(NULL, 'because')",
    "SELECT ledger_refuse('a', 'b', 'c')",
    "SELECT ledger_chain_step('a', 'b', 'c')",
    "SELECT ledger_chain(''::bytea, ''::bytea)",
    "CREATE TEMPORARY TABLE mine ()",
    "CREATE TABLE mine ()",
    "CREATE SCHEMA mine",
    "CREATE FUNCTION mine() RETURNS int LANGUAGE sql AS 'SELECT 1'",
    "CREATE OPERATOR public.= (LEFTARG = varchar, RIGHTARG = varchar, FUNCTION = texteq)",
    "CREATE AGGREGATE mine (int) (SFUNC = int4pl, STYPE = int)",
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


def test_every_function_of_ours_sees_built_in_objects_only_and_is_nobodys_to_call(site: str) -> None:
    """Whatever app it is of, and whoever makes one tomorrow."""
    with connections["default"].cursor() as cursor:
        cursor.execute(
            "SELECT proname, proconfig, has_function_privilege(oid, 'EXECUTE') FROM pg_proc"
            " WHERE pronamespace = 'public'::regnamespace AND prokind = 'f' AND NOT EXISTS"
            " (SELECT FROM pg_depend WHERE objid = pg_proc.oid AND classid = 'pg_proc'::regclass AND deptype = 'e')"
        )
        found = {name: (config, callable) for name, config, callable in cursor.fetchall()}
    assert {name for name, (_, callable) in found.items() if callable} == {
        "ledger_fingerprint",
        "ledger_log_append",
        "ledger_open_system_account",
        "ledger_owner",
    }
    assert {
        name for name, (config, _) in found.items() if "search_path=pg_catalog, pg_temp" not in (config or [])
    } == set()
    assert {name.partition("_")[0] for name in found} == {"accounts", "ledger", "payment", "statement"}
