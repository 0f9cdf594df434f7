from django.db import InterfaceError, OperationalError


def is_unreachable(exception: BaseException | None) -> bool:
    """Was there no database to talk to? A connection refused or lost has no SQLSTATE, or 08…, 53300 or 57P…."""
    if not isinstance(exception, OperationalError | InterfaceError):
        return False
    sqlstate = getattr(exception.__cause__, "sqlstate", None)
    return sqlstate is None or sqlstate.startswith(("08", "53300", "57P"))


def is_too_busy(exception: BaseException | None) -> bool:
    """Did the database give up waiting for a lock (55P03) or on a statement (57014)? Nothing was written then."""
    sqlstate = getattr(exception.__cause__, "sqlstate", None) if isinstance(exception, OperationalError) else None
    return sqlstate in {"55P03", "57014"}
