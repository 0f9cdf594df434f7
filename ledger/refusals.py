"""A line in the log for each write to the books that the database refused, however it was tried.

Pages refuse in Python, before the database has to. So what gets there is a fault of ours, two of one kind at the same
moment, or somebody trying.
"""

import re
from types import TracebackType

import psycopg
import structlog
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.signals import connection_created
from django.db.utils import DatabaseErrorWrapper
from django.dispatch import receiver
from psycopg.errors import Diagnostic

NO_RIGHT = "42501"
REFUSED = ("22", "23", NO_RIGHT)  # a value that does not fit, one that breaks a rule
BOOKS = re.compile(r"\bledger_\w+|\bsession_replication_role\b")

log = structlog.get_logger(__name__)


class Refusals(DatabaseErrorWrapper):
    """Stands where Django turns psycopg's errors into its own: each passes here once, also one at COMMIT."""

    def __init__(self, connection: BaseDatabaseWrapper) -> None:
        super().__init__(connection)
        self.door = connection.alias

    def __exit__(
        self, exc_type: type[BaseException] | None, exc_value: BaseException | None, traceback: TracebackType | None
    ) -> None:
        if isinstance(exc_value, psycopg.Error) and (exc_value.sqlstate or "").startswith(REFUSED):
            note(exc_value.diag, self.door)
        super().__exit__(exc_type, exc_value, traceback)


@receiver(connection_created, dispatch_uid="ledger.note_refusals")
def watch(sender: object, connection: BaseDatabaseWrapper, **kwargs: object) -> None:
    connection.wrap_database_errors = Refusals(connection)


def note(diagnosis: Diagnostic, door: str) -> None:
    """Names only: the message itself may hold what was to be written."""
    place = _place(diagnosis)
    if place:
        log.warning(
            "ledger.refused", rule=diagnosis.constraint_name, sqlstate=diagnosis.sqlstate, table=place, door=door
        )


def _place(diagnosis: Diagnostic) -> str | None:
    """The table, or what else of the books refused; None when it was not the books."""
    # A missing right is told in the message alone, which names no value; a rule without a table was said by a function.
    said = diagnosis.message_primary if diagnosis.sqlstate == NO_RIGHT else diagnosis.context
    found = BOOKS.search(diagnosis.table_name or said or "")
    return found[0] if found else None
