"""The role that the site runs as, tried from outside: it owns nothing and can only read the books and post to them."""

from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from psycopg.errors import InsufficientPrivilege

from tests.running import bare_environment, manage
from wallet_site.embedded.cluster import Cluster
from wallet_site.embedded.roles import OWNER_ROLE, SITE_ROLE, database_url

FORBIDDEN = [
    "CREATE TABLE mine ()",
    "CREATE SCHEMA mine",
    "CREATE TEMPORARY TABLE mine ()",
    "ALTER TABLE ledger_entry DISABLE TRIGGER ALL",
    "SET session_replication_role = replica",
    "DROP TABLE ledger_entry",
    "TRUNCATE ledger_entry",
    "DELETE FROM ledger_entry",
    "UPDATE ledger_entry SET amount = 1",
    "INSERT INTO ledger_entry DEFAULT VALUES",
    "TRUNCATE ledger_transfer",
    "DELETE FROM ledger_transfer",
    "UPDATE ledger_transfer SET amount = 1",
    "DELETE FROM ledger_account",
    "UPDATE ledger_account SET balance = 1",
    "UPDATE ledger_account SET number = '1'",
    "INSERT INTO ledger_account (number, kind, currency, balance) VALUES ('1', 'asset', 'EUR', 1)",
    "INSERT INTO django_migrations (app, name, applied) VALUES ('ledger', 'none', now())",
    "SELECT * FROM pg_authid",
    "UPDATE ledger_account SET floor = NULL",
    "UPDATE ledger_account SET status = 'open'",
    "UPDATE ledger_account SET name = 'settlement'",
    "INSERT INTO ledger_account (number, kind, currency) VALUES ('000000000098', 'asset', 'EUR')",
    "INSERT INTO ledger_posting_rule VALUES ('payment', 'system settlement', 'wallet', 'credit')",
    "INSERT INTO ledger_currency VALUES ('XAU')",
    "UPDATE ledger_account_change SET why = ''",
    "SELECT ledger_set_floor(1, NULL, NULL, 'because')",
    "SELECT nextval('ledger_account_id_seq')",
    # What pages write and never change.
    *(f"{verb} payments_{table}" for table in ("payment", "approval") for verb in ("DELETE FROM", "TRUNCATE")),
    "UPDATE payments_payment SET amount = 1",
    "UPDATE payments_approval SET step = 1",
    "UPDATE accounts_securityevent SET kind = 'x'",
    "DELETE FROM accounts_securityevent",
    "TRUNCATE accounts_securityevent",
    # What only the owner's commands write.
    "DELETE FROM accounts_user",
    "INSERT INTO auth_group (name) VALUES ('Gods')",
    "INSERT INTO auth_group_permissions (group_id, permission_id) VALUES (1, 1)",
    "INSERT INTO accounts_user_groups (user_id, group_id) VALUES (gen_random_uuid(), 1)",
    "INSERT INTO accounts_user_user_permissions (user_id, permission_id) VALUES (gen_random_uuid(), 1)",
    "UPDATE auth_permission SET name = 'x'",
    "DELETE FROM django_content_type",
]
USER = (
    "INSERT INTO accounts_user (id, email, full_name, handle, handle_skeleton, password, view_pin, payment_pin, session_stamp,"
    " is_staff, is_superuser, is_active, date_joined) VALUES (gen_random_uuid(), 'eve@example.org', 'Eve', {handle}, {handle},"
    " '', '', '', gen_random_uuid(), {staff}, {superuser}, true, now())"
)
EVE = USER.format(handle="'evelyn'", staff="false", superuser="false")
REFUSED = {
    USER.format(handle="NULL", staff="true", superuser="false"): "staff_are_made_by_the_owner",
    USER.format(handle="'evelyn'", staff="false", superuser="true"): "staff_are_made_by_the_owner",
    f"{EVE}; UPDATE accounts_user SET is_superuser = true": "staff_are_made_by_the_owner",
    f"{EVE}; UPDATE accounts_user SET is_staff = true, handle = NULL, handle_skeleton = NULL": "staff_are_made_by_the_owner",
    EVE.replace("gen_random_uuid()", "'00000000-0000-0000-0000-000000000000'", 1): "user_is_somebody",
    f"{EVE}; INSERT INTO accounts_securityevent (user_id, kind, at, agent) SELECT id, 'locked', 'infinity', '' FROM accounts_user": (
        "security_event_time_is_sane"
    ),
}
ALLOWED = [
    "SELECT count(*) FROM ledger_entry",
    "SELECT count(*) FROM django_migrations",
    "LOCK TABLE ledger_lane_0 IN EXCLUSIVE MODE",
    "SELECT 1 FROM ledger_account FOR UPDATE",
    "UPDATE accounts_user SET full_name = full_name",
    "DELETE FROM django_session",
]


@pytest.fixture(scope="module")
def site_role(tmp_path_factory: pytest.TempPathFactory) -> Iterator[psycopg.Connection]:
    """Connected to a database as `manage.py migrate` leaves it, outside the test run's own."""
    data_dir: Path = tmp_path_factory.mktemp("role") / "data"
    with Cluster(data_dir, say=lambda line: None).use() as urls:
        assert manage(bare_environment(data_dir), "migrate").returncode == 0
        with psycopg.connect(urls.site) as connection:
            yield connection


@pytest.mark.asvs("13.2.2")
@pytest.mark.parametrize("statement", FORBIDDEN)
def test_the_sites_role_may_not(site_role: psycopg.Connection, statement: str) -> None:
    with pytest.raises(InsufficientPrivilege), site_role.transaction():
        site_role.execute(statement)


@pytest.mark.parametrize("statement", ALLOWED)
def test_the_sites_role_may(site_role: psycopg.Connection, statement: str) -> None:
    with site_role.transaction(force_rollback=True):
        site_role.execute(statement)


def run(connection: psycopg.Connection, script: str) -> None:
    for statement in script.split("; "):
        connection.execute(statement)


@pytest.mark.parametrize("statement", REFUSED)
def test_the_sites_role_is_refused_by_a_rule(site_role: psycopg.Connection, statement: str) -> None:
    with pytest.raises(psycopg.errors.CheckViolation) as refusal, site_role.transaction():
        run(site_role, statement)
    assert refusal.value.diag.constraint_name == REFUSED[statement]


def test_the_sites_role_may_make_customers(site_role: psycopg.Connection) -> None:
    with site_role.transaction(force_rollback=True):
        site_role.execute(EVE)
        site_role.execute("UPDATE accounts_user SET full_name = 'Evelyn', is_staff = is_staff")


def test_the_sites_role_owns_nothing_and_is_member_of_nothing(site_role: psycopg.Connection) -> None:
    def count(query: str) -> int:
        row = site_role.execute(query).fetchone()
        assert row is not None
        return int(row[0])

    assert count("SELECT count(*) FROM pg_class WHERE relowner = current_user::regrole") == 0
    assert count("SELECT count(*) FROM pg_proc WHERE proowner = current_user::regrole") == 0
    assert count("SELECT count(*) FROM pg_auth_members WHERE member = current_user::regrole") == 0
    assert count("SELECT count(*) FROM pg_roles WHERE rolname = current_user AND (rolsuper OR rolcreatedb)") == 0


def test_the_owners_role_is_no_superuser(site_role: psycopg.Connection) -> None:
    row = site_role.execute("SELECT rolsuper, rolcreaterole FROM pg_roles WHERE rolname = %s", [OWNER_ROLE]).fetchone()
    assert row == (False, False)


@pytest.mark.asvs("13.2.3")
def test_a_wrong_password_does_not_get_in(site_role: psycopg.Connection) -> None:
    socket_folder = Path(site_role.info.host)
    with pytest.raises(psycopg.OperationalError):
        psycopg.connect(database_url(SITE_ROLE, "wrong", socket_folder))


def test_rights_that_crept_in_are_gone_after_the_next_migrate(tmp_path: Path) -> None:
    data_dir = tmp_path / "data"
    environment = bare_environment(data_dir)
    with Cluster(data_dir, say=lambda line: None).use() as urls:
        assert manage(environment, "migrate").returncode == 0
        with psycopg.connect(urls.owner) as owner:
            owner.execute(f"GRANT ALL ON ALL TABLES IN SCHEMA public TO {SITE_ROLE}")
        assert manage(environment, "migrate").returncode == 0
        with psycopg.connect(urls.site) as site, pytest.raises(InsufficientPrivilege):
            site.execute("DELETE FROM ledger_transfer")
