"""What the site's role may do: it owns no table, and the books it may only read and post to (ledger/grants.py).

Applied anew after each migrate, as the tables' owner, so that a new table never comes with more rights than this says.
"""

from django.db.backends.base.base import BaseDatabaseWrapper
from psycopg import sql

from ledger.grants import site_grants

OWN_TABLES = (
    "SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p')"
    " AND pg_has_role(relowner, 'USAGE') ORDER BY relname"
)


def apply(connection: BaseDatabaseWrapper, role: str) -> None:
    """Take everything from the role and give it its rights, in one transaction: a running site notices nothing."""
    with connection.cursor() as cursor:
        cursor.execute(OWN_TABLES)
        tables = [name for (name,) in cursor.fetchall()]
        statements = [
            "REVOKE CREATE ON SCHEMA public FROM PUBLIC",
            "REVOKE ALL ON SCHEMA public FROM {role}",
            "GRANT USAGE ON SCHEMA public TO {role}",
            "REVOKE ALL ON ALL TABLES IN SCHEMA public FROM {role}",
            "GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO {role}",
            *(f"GRANT {rights(table)} ON {table} TO {{role}}" for table in tables if not table.startswith("ledger_")),
        ]
        script = [sql.SQL(statement).format(role=sql.Identifier(role)).as_string() for statement in statements]
        if "ledger_transfer" in tables:  # not after `migrate ledger zero`
            script += site_grants(role)
        cursor.execute(";\n".join(["BEGIN", *script, "COMMIT"]))


def rights(table: str) -> str:
    return "SELECT" if table == "django_migrations" else "SELECT, INSERT, UPDATE, DELETE"
