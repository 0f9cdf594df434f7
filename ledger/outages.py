"""What can go wrong between us and the server: nobody there, one that cannot write, an answer that never came."""

import structlog
from django.db import Error, InterfaceError, OperationalError, connections
from prometheus_client import Counter

log = structlog.get_logger(__name__)
unknown = Counter("ledger_outcome_unknown", "COMMITs whose answer was lost, or that no standby confirmed.")

# Connections (08, 53300) and servers (57P) that are not there (any more); a statement whose end is not known (40003).
AWAY = ("08", "53300", "57P", "40003")
# A standby, or a primary that was told not to write.
READ_ONLY = "25006"
# A standby's word for SERIALIZABLE is that of any feature it does not have. Who said it is the part of a message that
# no language setting changes: a snapshot, or BEGIN with that level in it.
UNSUPPORTED = "0A000"
SAID_BY_A_STANDBY = {"GetSerializableTransactionSnapshot", "call_enum_check_hook"}


class OutcomeUnknown(Exception):
    """Written for good or not, nobody can say yet. Trying again with the same id is safe.

    Not a LedgerError, so that no page can take it for a refusal.
    """


class NotReplicated(OutcomeUnknown):
    """It is written on this server alone: whether the next primary will have it is not known."""


def sqlstate(error: BaseException) -> str | None:
    """PostgreSQL's five-letter code of a Django database error; None when the server did not answer."""
    state: str | None = getattr(error.__cause__, "sqlstate", None)
    return state


def is_unreachable(error: BaseException | None) -> bool:
    """Whether there is no server to write to: none, one that went away, or one that only reads.

    The connection is of no use then. If it was COMMIT that failed so, what became of it is not known.
    """
    if not isinstance(error, Error):
        return False
    state = sqlstate(error)
    if state is None:
        return isinstance(error, OperationalError | InterfaceError)
    return state.startswith((*AWAY, READ_ONLY)) or _ended_the_connection(error) or _speaks_for_a_standby(error, state)


def _ended_the_connection(error: Error) -> bool:
    return getattr(_diagnosis(error), "severity_nonlocalized", None) in {"FATAL", "PANIC"}


def _speaks_for_a_standby(error: Error, state: str) -> bool:
    return state == UNSUPPORTED and getattr(_diagnosis(error), "source_function", None) in SAID_BY_A_STANDBY


def _diagnosis(error: Error) -> object:
    return getattr(error.__cause__, "diag", None)


def close_connections() -> None:
    """So that the next query opens new ones, to whoever is the primary by then."""
    for connection in connections.all(initialized_only=True):
        connection.close()
