"""The ledger's SQL. Each file belongs to the migration of its number: change the books by adding one."""

from pathlib import Path


def read(name: str) -> str:
    """The text of `ledger/sql/<name>.sql`."""
    return (Path(__file__).parent / f"{name}.sql").read_text(encoding="utf-8")
