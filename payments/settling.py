"""A unit of work that moves money, brought to an outcome that is known."""

from collections.abc import Callable, Sequence

from django.db import Error

from ledger.db import SerializationExhausted, serializable
from ledger.outages import NotReplicated, OutcomeUnknown


def settle(work: Callable[[], None], accounts: Sequence[int]) -> None:
    """Runs it in one serializable transaction; when the answer to COMMIT is lost, once more.

    So `work` must come to the same when it has been done before, as `post` and `notices.outbox.tell` do: the second
    run waits for the locks of whoever may still be at the first. Raises what `work` raises, SerializationExhausted, and
    OutcomeUnknown when even that does not tell.
    """
    try:
        serializable(work, accounts)
    except NotReplicated:
        raise  # doing it again would only wait for the same standby
    except OutcomeUnknown:
        try:
            serializable(work, accounts)
        except (SerializationExhausted, Error) as error:
            raise OutcomeUnknown("the answer to COMMIT was lost, and the books do not tell yet") from error
