"""The ledger's SQL, as migrations run it. A file here belongs to a released migration: change the books by adding one."""

from pathlib import Path


def read(name: str) -> str:
    """The text of `ledger/sql/<name>.sql`."""
    return (Path(__file__).parent / f"{name}.sql").read_text(encoding="utf-8")
