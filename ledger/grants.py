"""What the site's role may do with the books: read, post what a rule allows, open plain wallets, extend
the log over transfers. Nothing else.

It owns no table, writes no entry and no balance, and cannot change or delete what is written. Applied after every
migrate, as the owner.
"""

from collections.abc import Iterable

from psycopg import sql

from ledger.lanes import LANES

READ = (
    "ledger_account", "ledger_transfer", "ledger_entry", "ledger_hot_account", "ledger_account_change",
    "ledger_currency", "ledger_posting_rule", "ledger_log_leaf", "ledger_log_node", "ledger_log_checkpoint",
    "ledger_log_cosignature",
)  # fmt: skip
# Called by the generated column of a transfer, where the ORM opens one of the bank's own accounts, by rules, and by the
# worker, which names transfers and no hashes.
FUNCTIONS = (
    "ledger_fingerprint(uuid, bigint, bigint, bigint, text, text, text, uuid, uuid, uuid)",
    "ledger_open_system_account(text, text, text)",
    "ledger_owner()",
    "ledger_log_append(uuid[])",
)
PAYMENTS = [("payment", "wallet", "wallet", "debit")]
DEMO_MONEY = [("demo", "system promotions", "wallet", "credit")]


def site_grants(role: str) -> list[str]:
    """The statements, each safe to repeat, that take everything away from `role` and give it what it needs."""
    lanes = ", ".join(f"ledger_lane_{lane}" for lane in range(LANES))
    statements = [
        f"REVOKE ALL ON {', '.join(READ)}, {lanes} FROM {{role}}",
        f"GRANT SELECT ON {', '.join(READ)} TO {{role}}",
        "GRANT INSERT ON ledger_transfer TO {role}",
        "GRANT INSERT (number, owner_id, currency) ON ledger_account TO {role}",
        # Locking a row asks for the right to update one of its columns. This one never changes: a rule refuses it.
        "GRANT UPDATE (opened_at) ON ledger_account TO {role}",
        "GRANT INSERT, UPDATE ON ledger_hot_account TO {role}",
        "GRANT INSERT (size, root, note, verifier) ON ledger_log_checkpoint TO {role}",
        # MAINTAIN is what LOCK TABLE asks for, from PostgreSQL 17 on.
        f"GRANT MAINTAIN ON ledger_account, {lanes} TO {{role}}",
        f"GRANT EXECUTE ON FUNCTION {', '.join(FUNCTIONS)} TO {{role}}",
    ]
    return [sql.SQL(statement).format(role=sql.Identifier(role)).as_string() for statement in statements]


def site_rules(currencies: Iterable[str], *, demo: bool) -> list[str]:
    """The statements that say in which currencies (ISO 4217) wallets are opened, and what pages post between whom."""
    listed = sql.SQL(", ").join(sql.SQL("({})").format(code) for code in currencies)
    rules = sql.SQL(", ").join(
        sql.SQL("({})").format(sql.SQL(", ").join(rule)) for rule in PAYMENTS + (DEMO_MONEY if demo else [])
    )
    return [
        statement.format(listed=listed, rules=rules).as_string()
        for statement in (
            sql.SQL("DELETE FROM ledger_currency WHERE (code) NOT IN ({listed})"),
            sql.SQL("INSERT INTO ledger_currency VALUES {listed} ON CONFLICT DO NOTHING"),
            sql.SQL("DELETE FROM ledger_posting_rule WHERE (kind, debit, credit, initiator) NOT IN ({rules})"),
            sql.SQL("INSERT INTO ledger_posting_rule VALUES {rules} ON CONFLICT DO NOTHING"),
        )
    ]
