"""Calendar months where the bank is: "2026-03", its first day, the moments it lies between."""

import re
from datetime import date, datetime, time

from django.utils import timezone


def begin(day: date) -> datetime:
    """The midnight that the day begins with."""
    return timezone.make_aware(datetime.combine(day, time()))


def moved(first: date, months: int) -> date:
    """The first day of the month that is so many later, or earlier."""
    count = first.year * 12 + first.month - 1 + months
    return date(count // 12, count % 12 + 1, 1)


def this() -> date:
    """The first day of the month we are in."""
    return timezone.localdate().replace(day=1)


def parse(text: str) -> date:
    """The first day of "2026-03". Raises ValueError for what is no month since 1900."""
    if not re.fullmatch("(19|2[0-9])[0-9]{2}-[0-9]{2}", text):
        raise ValueError(f"not a month: {text!r}")
    return date(int(text[:4]), int(text[5:]), 1)


def named(first: date) -> str:
    """As `parse` reads it."""
    return f"{first:%Y-%m}"
