"""What a page answers with 503: nothing was written, or nobody knows yet; asking again is safe."""

from django.db import OperationalError

from ledger.outages import OutcomeUnknown, is_unreachable, sqlstate

__all__ = ["is_passing", "is_too_busy", "is_unreachable"]


def is_passing(exception: BaseException | None) -> bool:
    """Whether it is not the request's fault and will be over."""
    return is_unreachable(exception) or is_too_busy(exception) or isinstance(exception, OutcomeUnknown)


def is_too_busy(exception: BaseException | None) -> bool:
    """Did the database give up waiting for a lock (55P03) or on a statement (57014), or choose it among several that
    were in each other's way (40001, 40P01; where money moves they are tried again)? Nothing was written then.
    """
    return isinstance(exception, OperationalError) and sqlstate(exception) in {"55P03", "57014", "40001", "40P01"}
