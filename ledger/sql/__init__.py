"""The ledger's SQL. Each file belongs to the migration of its number: change the books by adding one."""

import re
from pathlib import Path


def read(name: str) -> str:
    """The text of `ledger/sql/<name>.sql`."""
    return (Path(__file__).parent / f"{name}.sql").read_text(encoding="utf-8")


def function(file: str, name: str) -> str:
    """The function as that file makes it, in a form that replaces a later one: for going back. KeyError without it."""
    found = re.search(rf"^CREATE FUNCTION {name}\(.*?^END \$\$;$", read(file), re.MULTILINE | re.DOTALL)
    if found is None:
        raise KeyError(name)
    return found[0].replace("CREATE FUNCTION", "CREATE OR REPLACE FUNCTION", 1)
