"""Rows are proven only of tables that show what there is, by PostgreSQL's own functions, past any index."""

import io
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from pytest_django import Settings

from ledger.posting import post
from tests.ledger.books import BOTH, account, order
from tests.ledger.damage import committed, faults_after

pytestmark = pytest.mark.django_db(transaction=True, databases=BOTH)

ORDINARY = "a table of the books is not an ordinary one: "
CHANGED = "a rule or right was changed: "

SHOWN = "ALTER TABLE {0} RENAME TO hidden; CREATE VIEW {0} AS SELECT * FROM hidden"
GROUND = {
    SHOWN.format("ledger_entry"): "ledger_entry is a view",
    SHOWN.format("accounts_user"): "accounts_user is a view",
    SHOWN.format("ledger_account").replace("VIEW", "MATERIALIZED VIEW"): "ledger_account is a materialised view",
    "ALTER TABLE ledger_hot_account RENAME TO hidden": "ledger_hot_account is not there",
    "CREATE TABLE mine () INHERITS (ledger_entry)": "ledger_entry has children",
    "CREATE TABLE mine (); ALTER TABLE ledger_entry INHERIT mine": "ledger_entry is a child of another table",
    "ALTER TABLE ledger_entry ENABLE ROW LEVEL SECURITY": "ledger_entry has row security",
    "ALTER TABLE ledger_entry FORCE ROW LEVEL SECURITY": "ledger_entry has row security",
    "CREATE POLICY mine ON ledger_entry USING (false)": "ledger_entry has a policy of row security",
    "CREATE RULE mine AS ON DELETE TO ledger_entry DO INSTEAD NOTHING": "ledger_entry has a rewrite rule",
    "ALTER TABLE ledger_entry SET UNLOGGED": "ledger_entry is unlogged",
    "CREATE TEMP TABLE ledger_entry ()": "ledger_entry has a namesake in another schema",
}


@pytest.mark.parametrize("statement", GROUND)
def test_a_table_that_is_not_what_it_seems_is_named(statement: str) -> None:
    assert ORDINARY + GROUND[statement] in faults_after(statement)


def test_no_view_is_read() -> None:
    """Reading one would run whatever its maker wrote, as whoever proves the books."""
    trap = SHOWN.format("ledger_entry").replace("SELECT *", "SELECT *, 1 / (random() * 0)::int AS trap")
    wallet, other = account(10), account(0)
    post([order(wallet, other, 1)])
    assert not any("proven" in fault for fault in faults_after(trap))


def test_rows_are_read_past_a_policy_or_not_at_all(superuser: None) -> None:
    """The site's role would see none; the error that PostgreSQL gives instead is a fault."""
    account(10)
    hide = "ALTER TABLE ledger_entry ENABLE ROW LEVEL SECURITY; SET LOCAL ROLE wallet_site"
    found = faults_after(hide)
    assert any("query would be affected by row-level security policy" in fault for fault in found), found


def test_rows_of_a_child_are_not_the_books() -> None:
    wallet, other = account(10), account(0)
    post([order(wallet, other, 1)])
    child = "CREATE TABLE mine () INHERITS (ledger_entry); INSERT INTO mine SELECT * FROM ledger_entry WHERE seq = 1"
    found = faults_after(child)
    assert all(fault.startswith((ORDINARY, CHANGED)) for fault in found), found


def test_own_functions_and_operators_prove_nothing() -> None:
    """With a search path of the attacker's, whatever has the names of PostgreSQL's own says that all is well."""
    wallet, other = account(10), account(0)
    post([order(wallet, other, 1)])
    trick = """
        ALTER TABLE ledger_transfer ALTER fingerprint DROP EXPRESSION;
        SET LOCAL session_replication_role = replica;
        UPDATE ledger_transfer SET fingerprint = sha256('other') WHERE amount = 1;
        CREATE FUNCTION always(bytea, bytea) RETURNS boolean LANGUAGE sql IMMUTABLE AS 'SELECT true';
        CREATE OPERATOR = (LEFTARG = bytea, RIGHTARG = bytea, FUNCTION = always);
        CREATE FUNCTION sha256(bytea) RETURNS bytea LANGUAGE sql IMMUTABLE AS $$ SELECT '\\x00'::bytea $$;
        SET LOCAL search_path = public, pg_catalog"""
    found = faults_after(trick)
    assert any(fault.startswith("a transfer has another fingerprint") for fault in found)
    assert any(fault.startswith("a digest does not follow") for fault in found)


# An index that is damaged


def unindexed(table: str, statement: str) -> str:
    """Rows that are in the table and in none of its indexes, and a planner that would rather read those."""
    ready = f"UPDATE pg_index SET indisready = {{}} WHERE indrelid = '{table}'::regclass"
    return (
        f"SET LOCAL session_replication_role = replica; {ready.format('false')}; {statement}; {ready.format('true')};"
        " SET LOCAL session_replication_role = origin; SET LOCAL enable_seqscan = off"
    )


def test_rows_that_no_index_leads_to_are_found(superuser: None) -> None:
    wallet, other = account(10), account(0)
    post([order(wallet, other, 1)])
    copy = "SELECT account_id, seq + 1, gen_random_uuid(), side, amount, balance_after, posted_at, digest"
    hidden = (
        "INSERT INTO ledger_entry (account_id, seq, transfer_id, side, amount, balance_after, posted_at, digest)"
        f" {copy} FROM ledger_entry WHERE amount = 1"
    )
    found = faults_after(unindexed("ledger_entry", hidden))
    assert "there are other entries than the accounts count: 6 entries, 4 counted" in found


def test_a_row_twice_beside_its_index_is_found(superuser: None) -> None:
    wallet, other = account(10), account(0)
    (transfer,) = post([order(wallet, other, 1)])
    columns = "id, debit_account_id, credit_account_id, amount, currency, kind, memo, posted_at"
    twice = f"INSERT INTO ledger_transfer ({columns}) SELECT {columns} FROM ledger_transfer WHERE amount = 1"
    found = faults_after(unindexed("ledger_transfer", twice))
    assert f"two transfers have one id: ledger_transfer {transfer.id}" in found


# What reads the books beside the proof


def test_nothing_is_signed_or_exported_that_is_only_shown(settings: Settings, tmp_path: Path) -> None:
    settings.CHECKPOINT_KEY = "A" * 43
    commands = (["checkpoint", f"{tmp_path}/checkpoint"], ["export_journal", f"--output={tmp_path}/journal"])
    shown = SHOWN.format("ledger_entry")
    with committed(shown, "DROP VIEW ledger_entry; ALTER TABLE hidden RENAME TO ledger_entry"):
        for command in commands:
            with pytest.raises(CommandError, match=r"ledger_entry is a view\. Run verify_ledger"):
                call_command(*command, stdout=io.StringIO())
    assert not list(tmp_path.glob("*checkpoint*"))
    assert faults_after("SELECT 1") == []
