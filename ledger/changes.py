"""What happens to an account beside its payments. For the owner of the books: the site's role may not call these.

The database records every change of a floor, a status or a name, also one made without these functions (AccountChange);
they add who and why.
"""

from typing import Any
from uuid import UUID

from django.db import connections, router

from ledger.models import Account, Status


def set_floor(account: Account | int, floor: int | None, *, by: UUID | None, why: str) -> None:
    """The lowest balance allowed, in minor units; None for none. `by` is a user's id.

    Raises IntegrityError without a reason, for no such account, and for a floor above the balance.
    """
    _change("SELECT ledger_set_floor(%s, %s, %s, %s)", account, floor, by, why)


def set_status(account: Account | int, status: Status, *, by: UUID | None, why: str) -> None:
    """Freezes, thaws or closes. Raises IntegrityError without a reason, for no such account, for closing one with
    money on it, and for opening a closed one."""
    _change("SELECT ledger_set_status(%s, %s, %s, %s)", account, str(status), by, why)


def _change(statement: str, account: Account | int, *values: Any) -> None:
    with connections[router.db_for_write(Account)].cursor() as cursor:
        cursor.execute(statement, [account if isinstance(account, int) else account.pk, *values])
