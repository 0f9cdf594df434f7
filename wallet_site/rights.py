"""What the site's role may do in its database and should not: `check` and `/readyz` tell whoever deployed it.

`manage.py migrate` takes away what the owner of the tables can; the rest is in the README's "Deploy it".
"""

from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error
from django.db import DatabaseError, connections
from django.db.backends.utils import CursorWrapper
from psycopg import sql

from ledger.grants import FUNCTIONS, READ

OURS = "relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p')"
BOOKS = sql.SQL("({})").format(sql.SQL(", ").join(sorted(set(READ) - {"ledger_hot_account"}))).as_string()
HINT = "`manage.py migrate` as the owner of the tables and of the database takes away what it can: README, Deploy it."
# Each gives the names of what is wrong, none when nothing is.
FAULTS = {
    "is a superuser, or may make roles or databases, or passes row security": (
        "SELECT rolname FROM pg_roles WHERE rolname = current_user"
        " AND (rolsuper OR rolcreaterole OR rolcreatedb OR rolreplication OR rolbypassrls)"
    ),
    "has the rights of whoever owns the books": (
        "SELECT DISTINCT relowner::regrole::text FROM pg_class"
        f" WHERE {OURS} AND relname IN {BOOKS} AND pg_has_role(relowner, 'MEMBER')"
    ),
    "owns something": (
        "SELECT oid::regclass::text FROM pg_class WHERE relowner = current_user::regrole"
        " UNION ALL SELECT oid::regprocedure::text FROM pg_proc WHERE proowner = current_user::regrole"
        " UNION ALL SELECT nspname FROM pg_namespace WHERE nspowner = current_user::regrole"
        " UNION ALL SELECT datname FROM pg_database WHERE datdba = current_user::regrole"
    ),
    "is a member of a role that reaches past every right": (
        "SELECT rolname FROM pg_roles WHERE rolname IN ('pg_read_all_data', 'pg_write_all_data', 'pg_maintain',"
        " 'pg_execute_server_program', 'pg_read_server_files', 'pg_write_server_files', 'pg_signal_backend',"
        " 'pg_database_owner') AND pg_has_role(oid, 'MEMBER')"
    ),
    "may make objects in a schema": ("SELECT nspname FROM pg_namespace WHERE has_schema_privilege(oid, 'CREATE')"),
    "may make temporary tables or schemas in the database": (
        "SELECT current_database() WHERE has_database_privilege(current_database(), 'TEMPORARY')"
        " OR has_database_privilege(current_database(), 'CREATE')"
    ),
    "may call a function of the books that is not for it": (
        "SELECT oid::regprocedure::text FROM pg_proc WHERE pronamespace = 'public'::regnamespace AND prolang <>"
        " (SELECT oid FROM pg_language WHERE lanname = 'c') AND has_function_privilege(oid, 'EXECUTE')"
        " AND NOT oid = ANY(%s::text[]::regprocedure[]::oid[])"
        " AND oid NOT IN (SELECT objid FROM pg_depend WHERE classid = 'pg_proc'::regclass AND deptype = 'e')"
    ),
    "may do more to the books than read and post": (
        f"SELECT relname FROM pg_class WHERE {OURS} AND relname IN {BOOKS} AND"
        " (has_table_privilege(oid, 'DELETE, TRUNCATE, TRIGGER, REFERENCES') OR EXISTS (SELECT FROM pg_attribute"
        "   WHERE attrelid = pg_class.oid AND attnum > 0 AND NOT attisdropped"
        "   AND (has_column_privilege(attrelid, attnum, 'UPDATE')"
        "       AND (relname, attname) <> ('ledger_account', 'opened_at')"
        "     OR has_column_privilege(attrelid, attnum, 'INSERT') AND relname <> 'ledger_transfer'"
        "       AND NOT (relname = 'ledger_account' AND attname IN ('number', 'owner_id', 'currency'))"
        "       AND NOT (relname = 'ledger_log_checkpoint' AND attname IN ('size', 'root', 'note', 'verifier')))))"
    ),
    "may switch the rules off": (
        "SELECT name FROM pg_settings WHERE name = 'session_replication_role' AND has_parameter_privilege(name, 'SET')"
    ),
}
UNREADABLE = "SELECT 1 WHERE NOT has_table_privilege('ledger_currency', 'SELECT')"
UNLISTED = "SELECT 1 WHERE NOT EXISTS (SELECT FROM ledger_currency WHERE code = %s)"


def faults(cursor: CursorWrapper) -> list[str]:
    """What is wrong with the rights of whoever is connected, a sentence each; empty when all is well."""
    found = []
    for what, query in FAULTS.items():
        names = _column(cursor, query, [list(FUNCTIONS)] if "%s" in query else None)
        if names:
            found.append(f"the site's role {what}: {', '.join(sorted(names))}")
    if not found and (_column(cursor, UNREADABLE, None) or _column(cursor, UNLISTED, [settings.CURRENCY])):
        found.append(f"no wallet can be opened in {settings.CURRENCY}: run `manage.py migrate`")
    return found


def _column(cursor: CursorWrapper, query: str, params: Sequence[Any] | None) -> list[str]:
    cursor.execute(query, params)
    return [str(row[0]) for row in cursor.fetchall()]


def check_rights(app_configs: object, databases: Sequence[str] | None = None, **kwargs: Any) -> list[CheckMessage]:
    """A deployment check: `check --deploy --database default`."""
    if "default" not in (databases or ()):
        return []
    try:
        with connections["default"].cursor() as cursor:
            wrong = faults(cursor)
    except DatabaseError as error:
        return [Error(f"The rights of the site's role cannot be read: {error}", id="wallet_site.E002")]
    return [Error(sentence, hint=HINT, id="wallet_site.E001") for sentence in wrong]
