"""What the site's role may do with the books: read, post transfers, open accounts, change their name, floor, status.

Nothing else: it owns no table, writes no entry and no balance, and cannot change or delete what is written. Applied
after every migrate, as the owner.
"""

from psycopg import sql

from ledger.queue import LANES

READ = ("ledger_account", "ledger_transfer", "ledger_entry", "ledger_hot_account")


def site_grants(role: str) -> list[str]:
    """The statements, each safe to repeat, that take everything away from `role` and give it what it needs."""
    lanes = ", ".join(f"ledger_lane_{lane}" for lane in range(LANES))
    statements = [
        f"REVOKE ALL ON {', '.join(READ)}, {lanes} FROM {{role}}",
        f"GRANT SELECT ON {', '.join(READ)} TO {{role}}",
        "GRANT INSERT ON ledger_transfer TO {role}",
        "GRANT INSERT (number, owner_id, name, kind, currency, floor, status) ON ledger_account TO {role}",
        "GRANT UPDATE (name, floor, status) ON ledger_account TO {role}",
        "GRANT INSERT, UPDATE ON ledger_hot_account TO {role}",
        # MAINTAIN is what LOCK TABLE asks for, from PostgreSQL 17 on.
        f"GRANT MAINTAIN ON ledger_account, {lanes} TO {{role}}",
    ]
    return [sql.SQL(statement).format(role=sql.Identifier(role)).as_string() for statement in statements]
