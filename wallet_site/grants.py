"""What the site's role may do: it owns no table, and the books it may only read and post to (ledger/grants.py).

Applied anew after each migrate, as the tables' owner, so that a new table never comes with more rights than this says.
"""

from django.conf import settings
from django.db import connections
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.utils import CursorWrapper
from psycopg import sql

from ledger.grants import site_grants, site_rules
from wallet_site.owner import owned

OWN_TABLES = (
    "SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p')"
    " AND pg_has_role(relowner, 'USAGE') ORDER BY relname"
)
# Without those that came with an extension.
OWN_FUNCTIONS = (
    "SELECT oid::regprocedure::text FROM pg_proc WHERE pronamespace = 'public'::regnamespace"
    " AND pg_has_role(proowner, 'USAGE') AND oid NOT IN"
    " (SELECT objid FROM pg_depend WHERE classid = 'pg_proc'::regclass AND deptype = 'e')"
)
OWN_DATABASE = "SELECT datname FROM pg_database WHERE datname = current_database() AND pg_has_role(datdba, 'USAGE')"
# What pages write and never change; what they read only, because commands of the owner write it; and people stay.
RIGHTS = {
    "accounts_securityevent": "SELECT, INSERT",
    "accounts_user": "SELECT, INSERT, UPDATE",
    "accounts_user_groups": "SELECT",
    "accounts_user_user_permissions": "SELECT",
    "auth_group": "SELECT",
    "auth_group_permissions": "SELECT",
    "auth_permission": "SELECT",
    "django_content_type": "SELECT",
    "django_migrations": "SELECT",
    # What was told stays told; only how far the worker and the reader have come is written again.
    "notices_letter": "SELECT, INSERT, UPDATE (next_at, claimed_until, tries, gave_up_at, why)",
    "notices_notice": "SELECT, INSERT, UPDATE (read_at)",
    "notices_outbox": "SELECT, INSERT, UPDATE (next_at, claimed_until, tries, gave_up_at)",
    "payments_approval": "SELECT, INSERT",
    "payments_payment": "SELECT, INSERT",
    "statements_statement": "SELECT, INSERT",
}


def renew(alias: str) -> None:
    """As the owner of the tables, for the site's role (settings.SITE_ROLE)."""
    role = str(settings.SITE_ROLE)
    with owned(alias):
        connection = connections[alias]
        apply(connection, None if connection.settings_dict["USER"] == role else role)


def apply(connection: BaseDatabaseWrapper, role: str | None) -> None:
    """Take what nobody should have, give the role its rights, in one transaction: a running site notices nothing.

    No role: the site is the owner itself, and has every right.
    """
    with connection.cursor() as cursor:
        tables, functions, databases = (_column(cursor, query) for query in (OWN_TABLES, OWN_FUNCTIONS, OWN_DATABASE))
        if not tables:  # they are somebody else's to give
            return
        statements = [*_nobodys(functions, databases), *(_roles(tables, functions, databases, role) if role else [])]
        if "ledger_posting_rule" in tables:  # not after `migrate ledger zero`
            statements += site_rules([settings.CURRENCY], demo=settings.DEMO)
            statements += site_grants(role) if role else []
        cursor.execute(";\n".join(["BEGIN", *statements, "COMMIT"]))


def _column(cursor: CursorWrapper, query: str) -> list[str]:
    cursor.execute(query)
    return [name for (name,) in cursor.fetchall()]


def _nobodys(functions: list[str], databases: list[str]) -> list[str]:
    """What PostgreSQL gives to everybody: calling functions, making temporary tables."""
    return [
        "REVOKE CREATE ON SCHEMA public FROM PUBLIC",
        "ALTER DEFAULT PRIVILEGES REVOKE EXECUTE ON ROUTINES FROM PUBLIC",
        *(f"REVOKE ALL ON ROUTINE {function} FROM PUBLIC" for function in functions),
        *(f"REVOKE TEMPORARY, CREATE ON DATABASE {quoted(name)} FROM PUBLIC" for name in databases),
    ]


def _roles(tables: list[str], functions: list[str], databases: list[str], role: str) -> list[str]:
    statements = [
        *(f"REVOKE TEMPORARY, CREATE ON DATABASE {quoted(name)} FROM {{role}}" for name in databases),
        *(f"REVOKE ALL ON ROUTINE {function} FROM {{role}}" for function in functions),
        "REVOKE ALL ON SCHEMA public FROM {role}",
        "GRANT USAGE ON SCHEMA public TO {role}",
        "REVOKE ALL ON ALL TABLES IN SCHEMA public FROM {role}",
        "REVOKE ALL ON ALL SEQUENCES IN SCHEMA public FROM {role}",
        *(f"GRANT {rights(table)} ON {table} TO {{role}}" for table in tables if not table.startswith("ledger_")),
    ]
    return [sql.SQL(statement).format(role=sql.Identifier(role)).as_string() for statement in statements]


def rights(table: str) -> str:
    return RIGHTS.get(table, "SELECT, INSERT, UPDATE, DELETE")


def quoted(name: str) -> str:
    """As an identifier inside a statement that is formatted once more."""
    return sql.Identifier(name).as_string().replace("{", "{{").replace("}", "}}")
