"""What a page says when a secret was wrong or is locked: how many tries are left, and in how long the next one is."""

from datetime import datetime, timedelta

from django.utils import timezone

from accounts.moments import clock

MINUTE = timedelta(minutes=1)
WRONG_NEW_CODE = "This code is not right. Check that your phone’s clock is set automatically."


def locked(until: datetime, what: str = "tries") -> str:
    """One wording for every lock: "Too many wrong tries. … you can try again in 1 minute, at 14:40 UTC."."""
    return f"Too many wrong {what}. For your safety you can try again {in_words(until)}, at {clock(until)}."


def in_words(until: datetime) -> str:
    """ "in 1 minute", "in 4 hours and 12 minutes"; rounded up, so that whoever waits as long has waited enough."""
    minutes = max(1, -((timezone.now() - until) // MINUTE))
    hours, rest = divmod(minutes, 60)
    parts = [counted(hours, "hour"), counted(rest, "minute")]
    return "in " + " and ".join(filter(None, parts))


def wrong(text: str, left: int | None) -> str:
    """The text, and "2 tries left." behind it where that is known and not nothing."""
    return f"{text} {counted(left, 'try', 'tries')} left." if left and left > 0 else text


def counted(number: int, one: str, many: str = "") -> str:
    """Empty for none."""
    return f"{number} {one if number == 1 else many or one + 's'}" if number else ""
