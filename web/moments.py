"""Moments as evidence: a time says of which place it is, wherever somebody may have to rely on it."""

from datetime import datetime, timedelta

from django.utils import timezone

from web import days


def moment(at: datetime, *, seconds: bool = False) -> str:
    """ "25 November 2026, 08:13 UTC"; where the reader's time is another one, "…, 09:13 CET (UTC+1)"."""
    local = timezone.localtime(at)
    name, offset = zone(local), utc_offset(local)
    where = name if name == offset or offset == "UTC" else f"{name} ({offset})"
    return f"{days.day(local)}, {days.time(local, seconds=seconds)} {where}"


def clock(at: datetime, *, seconds: bool = False) -> str:
    """ "08:13 UTC", where the day is known."""
    local = timezone.localtime(at)
    return f"{days.time(local, seconds=seconds)} {zone(local)}"


def zone(local: datetime) -> str:
    """The zone's short name; for zones that have none but figures, the offset."""
    name = local.tzname() or ""
    return name if name.isalpha() else utc_offset(local)


def utc_offset(local: datetime) -> str:
    """ "UTC", "UTC+1", "UTC−3:30"."""
    minutes = (local.utcoffset() or timedelta()) // timedelta(minutes=1)
    hours, rest = divmod(abs(minutes), 60)
    sign = "+" if minutes > 0 else "\N{MINUS SIGN}"
    return f"UTC{sign}{hours}{f':{rest:02}' if rest else ''}" if minutes else "UTC"
