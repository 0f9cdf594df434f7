"""Rules that were switched off, weakened or got round, and not used yet: verify_ledger says which.

Each is done by the owner, or by a superuser, who cannot be refused it; and undone with the transaction.
"""

import io

import pytest
from django.core.management import call_command
from django.db import connections

from tests.ledger.books import BOTH
from tests.ledger.damage import committed, faults_after

pytestmark = pytest.mark.django_db(transaction=True, databases=BOTH)

MISSING, ADDED, CHANGED = (f"a rule or right {what}: " for what in ("is missing", "was added", "was changed"))
SETTING = "a setting changes what the rules do: "
SITE = "the site's role may do more than it should: "

SAME_BODY = "LANGUAGE plpgsql AS $$ BEGIN RETURN NULL; END $$"
NOTHING = f"CREATE FUNCTION nothing() RETURNS trigger {SAME_BODY};"
DRIFT = {
    # Triggers
    "ALTER TABLE ledger_entry DISABLE TRIGGER entries_are_append_only": CHANGED
    + "trigger entries_are_append_only on public.ledger_entry: fires is 'never', should be 'normally'",
    "ALTER TABLE ledger_transfer DISABLE TRIGGER post_entries": CHANGED + "trigger post_entries on public.ledger_transfer",
    "ALTER TABLE ledger_account DISABLE TRIGGER USER": CHANGED + "trigger account_keeps_its_identity on public.ledger_account",
    "ALTER TABLE ledger_entry ENABLE REPLICA TRIGGER entries_are_append_only": "fires is 'in a replica only'",
    "ALTER TABLE payments_payment DISABLE TRIGGER payment_never_changes": CHANGED
    + "trigger payment_never_changes on public.payments_payment",
    "ALTER TABLE accounts_securityevent DISABLE TRIGGER USER": CHANGED
    + "trigger security_events_are_append_only on public.accounts_securityevent",
    "DROP TRIGGER transfers_are_never_truncated ON ledger_transfer": MISSING
    + "trigger transfers_are_never_truncated on public.ledger_transfer",
    "DROP TRIGGER payment_never_changes ON payments_payment": MISSING + "trigger payment_never_changes on public.payments_payment",
    "DROP TRIGGER post_entries ON ledger_transfer; CREATE TRIGGER post_entries AFTER INSERT ON ledger_transfer"
    " REFERENCING NEW TABLE AS posted WHEN (false) EXECUTE FUNCTION ledger_post()": CHANGED
    + "trigger post_entries on public.ledger_transfer: definition is ",
    f"{NOTHING} CREATE TRIGGER mine BEFORE INSERT ON ledger_entry FOR EACH ROW EXECUTE FUNCTION nothing()": ADDED
    + "trigger mine on public.ledger_entry: CREATE TRIGGER mine BEFORE INSERT",
    f"{NOTHING} CREATE TRIGGER mine BEFORE INSERT ON accounts_user EXECUTE FUNCTION nothing()": ADDED
    + "trigger mine on public.accounts_user",
    # Functions
    f"CREATE OR REPLACE FUNCTION ledger_rule() RETURNS trigger {SAME_BODY}": CHANGED
    + "function public.ledger_rule(): line 1 of its body is 'BEGIN RETURN NULL; END', should be 'BEGIN'",
    f"CREATE OR REPLACE FUNCTION payment_never_changes() RETURNS trigger {SAME_BODY}": CHANGED + "function public.payment_never_changes()",
    "ALTER FUNCTION ledger_post() SECURITY INVOKER": CHANGED + "function public.ledger_post(): traits is ",
    "ALTER FUNCTION ledger_rule() SECURITY DEFINER": CHANGED + "function public.ledger_rule(): traits is ",
    "ALTER FUNCTION ledger_refuse(text, text, text) IMMUTABLE": CHANGED + "function public.ledger_refuse(",
    "ALTER FUNCTION ledger_post() SET search_path = public": CHANGED + "function public.ledger_post(): settings ",
    "ALTER FUNCTION ledger_post() RESET ALL": CHANGED + "function public.ledger_post(): settings lack ",
    "CREATE FUNCTION sha256(bytea) RETURNS bytea LANGUAGE sql AS 'SELECT $1'": ADDED + "function public.sha256(bytea)",
    "CREATE PROCEDURE mine() LANGUAGE sql AS 'SELECT 1'": ADDED + "procedure public.mine()",
    "CREATE AGGREGATE mine(bigint) (SFUNC = int8pl, STYPE = bigint)": ADDED + "aggregate public.mine(bigint)",
    "CREATE OR REPLACE AGGREGATE ledger_chain(head bytea, body bytea) (SFUNC = ledger_chain_step, STYPE = bytea, INITCOND = 'x')": CHANGED
    + "aggregate public.ledger_chain(head bytea, body bytea): made of is ",
    "CREATE FUNCTION mine(varchar, varchar) RETURNS boolean LANGUAGE sql AS 'SELECT true';"
    " CREATE OPERATOR = (LEFTARG = varchar, RIGHTARG = varchar, FUNCTION = mine)": ADDED
    + "operator public.=(character varying,character varying)",
    "CREATE FUNCTION mine(ledger_account) RETURNS text LANGUAGE sql AS 'SELECT null::text';"
    " CREATE CAST (ledger_account AS text) WITH FUNCTION mine(ledger_account)": ADDED + "cast (public.ledger_account AS pg_catalog.text)",
    "CREATE DOMAIN money_like AS bigint": ADDED + "type public.money_like",
    # Constraints, columns, indexes
    "ALTER TABLE ledger_transfer DROP CONSTRAINT amount_is_positive": MISSING + "constraint amount_is_positive on public.ledger_transfer",
    "ALTER TABLE ledger_transfer DROP CONSTRAINT two_accounts_differ,"
    " ADD CONSTRAINT two_accounts_differ CHECK (NOT debit_account_id = credit_account_id) NOT VALID": "NOT VALID",
    "ALTER TABLE ledger_transfer DROP CONSTRAINT amount_is_positive, ADD CONSTRAINT amount_is_positive CHECK (amount >= 0)": CHANGED
    + "constraint amount_is_positive on public.ledger_transfer: definition is 'CHECK ((amount >= 0))', should be 'CHECK ((amount > 0))'",
    "ALTER TABLE ledger_transfer ALTER CONSTRAINT ledger_transfer_initiated_by_id_3ecfc04f_fk_accounts_user_id NOT ENFORCED": "NOT ENFORCED",
    "ALTER TABLE ledger_account ALTER currency DROP NOT NULL": CHANGED + "column public.ledger_account.currency: null is 'yes', should be 'no'",
    "ALTER TABLE ledger_hot_account ALTER wasted_attempts TYPE numeric": CHANGED + "column public.ledger_hot_account.wasted_attempts: type is 'numeric'",
    'ALTER TABLE ledger_entry ALTER side TYPE varchar(6) COLLATE "C"': CHANGED + "column public.ledger_entry.side: collation is ",
    "ALTER TABLE ledger_account ALTER status SET DEFAULT 'closed'": CHANGED + "column public.ledger_account.status: default is ",
    "ALTER TABLE ledger_transfer ALTER fingerprint DROP EXPRESSION": CHANGED + "column public.ledger_transfer.fingerprint: generated is nothing",
    "ALTER TABLE ledger_transfer ADD back_door bigint": ADDED + "column public.ledger_transfer.back_door",
    "DROP INDEX reversed_once": MISSING + "index public.reversed_once on public.ledger_transfer",
    "DROP INDEX one_wallet_a_currency; CREATE INDEX one_wallet_a_currency ON ledger_account (owner_id, currency)": CHANGED
    + "index public.one_wallet_a_currency on public.ledger_account: definition is ",
    "ALTER SEQUENCE ledger_account_id_seq MINVALUE -100": CHANGED + "sequence public.ledger_account_id_seq: values is ",
    # Rights
    "GRANT UPDATE ON ledger_account TO wallet_site": CHANGED
    + "table public.ledger_account: rights have 'site: UPDATE' besides",
    "GRANT UPDATE ON ledger_entry TO PUBLIC": CHANGED + "table public.ledger_entry: rights have 'public: UPDATE' besides",
    "GRANT SELECT ON ledger_entry TO pg_monitor": CHANGED + "table public.ledger_entry: rights have 'role pg_monitor: SELECT' besides",
    "GRANT SELECT ON ledger_entry TO wallet_site WITH GRANT OPTION": CHANGED
    + "table public.ledger_entry: rights have 'site: SELECT with grant option' besides",
    "GRANT UPDATE (balance) ON ledger_account TO wallet_site": CHANGED + "column public.ledger_account.balance: rights have 'site: UPDATE'",
    "GRANT TRIGGER ON accounts_securityevent TO wallet_site": CHANGED + "table public.accounts_securityevent: rights have ",
    "REVOKE SELECT ON ledger_entry FROM wallet_site": CHANGED + "table public.ledger_entry: rights lack 'site: SELECT'",
    "GRANT UPDATE ON SEQUENCE ledger_entry_id_seq TO wallet_site": CHANGED + "sequence public.ledger_entry_id_seq: rights have ",
    "GRANT EXECUTE ON FUNCTION ledger_post() TO pg_monitor": CHANGED + "function public.ledger_post(): rights have ",
    "GRANT CREATE ON SCHEMA public TO wallet_site": CHANGED + "schema public: rights have ",
    "ALTER DEFAULT PRIVILEGES GRANT INSERT ON TABLES TO wallet_site": ADDED + "default rights on tables in every schema made by owner",
    "INSERT INTO ledger_posting_rule VALUES ('payment', 'system settlement', 'wallet', 'credit')": ADDED
    + "posting rule payment from system settlement to wallet, asked for by credit",
    "DELETE FROM ledger_posting_rule": MISSING + "posting rule payment from wallet to wallet, asked for by debit",
    "INSERT INTO ledger_currency VALUES ('XAU')": ADDED + "currency XAU",
    # What stands in front or beside
    "CREATE VIEW mine AS SELECT 1": ADDED + "table public.mine: view",
    "CREATE TABLE ledger_mine ()": ADDED + "table public.ledger_mine: ordinary",
    "CREATE SCHEMA mine; CREATE VIEW mine.ledger_entry AS SELECT * FROM ledger_entry": ADDED + "table mine.ledger_entry: view",
    "CREATE SCHEMA mine": ADDED + "schema mine",
    "CREATE RULE mine AS ON INSERT TO ledger_entry DO INSTEAD NOTHING": ADDED + "rule mine on public.ledger_entry",
    "CREATE POLICY mine ON ledger_entry USING (false)": ADDED + "policy mine on public.ledger_entry",
    "ALTER TABLE ledger_entry ENABLE ROW LEVEL SECURITY": CHANGED + "table public.ledger_entry: row security is 'on', should be 'off'",
    "ALTER TABLE ledger_hot_account SET UNLOGGED": CHANGED + "table public.ledger_hot_account: persistence is 'unlogged'",
    "CREATE TABLE mine () INHERITS (ledger_transfer)": CHANGED + "table public.ledger_transfer: children have 'public.mine' besides",
    "CREATE EXTENSION citext": ADDED + "extension citext",
    "DROP TABLE ledger_lane_3": MISSING + "table public.ledger_lane_3",
}  # fmt: skip
OF_A_SUPERUSER = {
    "ALTER TABLE ledger_entry DISABLE TRIGGER ALL; ALTER TABLE ledger_account DISABLE TRIGGER ALL": CHANGED
    + "constraint ledger_account_owner_id_c8eca69b_fk_accounts_user_id on public.ledger_account: switched off is 'yes'",
    "ALTER TABLE ledger_entry OWNER TO wallet_site": CHANGED + "table public.ledger_entry: owner is 'site', should be 'owner'",
    "ALTER TABLE ledger_entry OWNER TO postgres": CHANGED + "table public.ledger_entry: owner is 'role postgres', should be 'owner'",
    "ALTER FUNCTION ledger_post() OWNER TO postgres": CHANGED + "function public.ledger_post(): owner is ",
    "CREATE FUNCTION mine() RETURNS event_trigger LANGUAGE plpgsql AS 'BEGIN END';"
    " CREATE EVENT TRIGGER mine ON ddl_command_end EXECUTE FUNCTION mine()": ADDED + "event trigger mine",
    "CREATE FUNCTION pg_catalog.mine() RETURNS int LANGUAGE sql AS 'SELECT 1'": ADDED + "function pg_catalog.mine()",
    "CREATE OR REPLACE FUNCTION pg_catalog.sha256(bytea) RETURNS bytea LANGUAGE internal IMMUTABLE STRICT AS 'sha224_bytea'": CHANGED
    + "function pg_catalog.sha256(bytea): line 1 of its body is 'sha224_bytea'",
    "UPDATE pg_index SET indisvalid = false WHERE indexrelid = 'one_entry_a_side'::regclass": CHANGED
    + "index public.one_entry_a_side on public.ledger_entry: valid is 'no'",
    "ALTER SCHEMA public OWNER TO wallet_site": CHANGED + "schema public: owner is 'site'",
    "GRANT CREATE ON SCHEMA pg_catalog TO wallet_site": CHANGED + "schema pg_catalog: rights have 'site: CREATE'",
    "CREATE FOREIGN DATA WRAPPER mine": ADDED + "foreign-data wrapper mine",
    "ALTER ROLE wallet_site SET search_path = shadow, public": SETTING + "search_path=shadow, public of role wallet_site in every database",
    "ALTER ROLE ALL SET ledger.posting = 'on'": SETTING + "ledger.posting=on of every role in every database",
    "ALTER ROLE wallet_owner SET session_replication_role = replica": SETTING + "session_replication_role=replica of role wallet_owner",
    "ALTER ROLE wallet_site SET role = wallet_owner": SETTING + "role=wallet_owner of role wallet_site",
    "SET LOCAL session_replication_role = replica": SETTING + "session_replication_role is replica",
    "SET LOCAL ledger.posting = 'on'": SETTING + "ledger.posting is on in this session",
    "GRANT wallet_owner TO wallet_site": SITE + "it is a member of wallet_owner",
    "ALTER ROLE wallet_site SUPERUSER": SITE + "it is a superuser",
    "ALTER ROLE wallet_site BYPASSRLS": SITE + "it is a role past row security",
}  # fmt: skip


def test_nothing_has_drifted() -> None:
    assert faults_after("SELECT 1") == []


@pytest.mark.parametrize("statement", DRIFT)
def test_what_the_owner_changed_is_named(statement: str) -> None:
    assert any(DRIFT[statement] in fault for fault in faults_after(statement)), faults_after(statement)


@pytest.mark.parametrize("statement", OF_A_SUPERUSER)
def test_what_a_superuser_changed_is_named(superuser: None, statement: str) -> None:
    expected = OF_A_SUPERUSER[statement]
    assert any(fault.startswith(expected) for fault in faults_after(statement)), faults_after(statement)
    assert faults_after("SELECT 1") == []


def test_rights_on_the_database_are_named() -> None:
    name = connections["default"].settings_dict["NAME"]
    assert faults_after(f'GRANT TEMPORARY ON DATABASE "{name}" TO PUBLIC') == [SITE + f"TEMPORARY on database {name}"]
    setting = f'ALTER DATABASE "{name}" SET search_path = shadow, public'
    assert faults_after(setting) == [SETTING + f"search_path=shadow, public of every role in database {name}"]


def test_the_status_is_1_and_the_rule_is_printed() -> None:
    out = io.StringIO()
    switch = "ALTER TABLE ledger_entry {} TRIGGER entries_are_append_only"
    with committed(switch.format("DISABLE"), switch.format("ENABLE")), pytest.raises(SystemExit) as stopped:
        call_command("verify_ledger", stdout=out)
    assert stopped.value.code == 1
    assert (
        "FAULT a rule or right was changed: trigger entries_are_append_only on public.ledger_entry: fires"
        in out.getvalue()
    )
    assert "The books are WRONG: 1 faults." in out.getvalue()
