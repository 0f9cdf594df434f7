"""How far behind the worker is, in words: for `/readyz` and for staff."""

from datetime import timedelta

from work.due import lag, tables

LATE = timedelta(minutes=1)  # a worker that runs has looked at everything by then


def seconds() -> int:
    """For how long what waits longest has been due."""
    return int(lag(tables()).total_seconds())


def sentence() -> str:
    behind = lag(tables())
    if behind < LATE:
        return "The worker keeps up: nothing has been waiting for a minute."
    minutes = behind // LATE
    return f"The worker is behind: something has been due for {minutes} {'minute' if minutes == 1 else 'minutes'}."
