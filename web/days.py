"""Days and times of day, written as the active region does (`web.regions`): patterns of CLDR, never of our own."""

import re
from datetime import date, datetime

from babel.dates import format_date, format_time

from web import regions


def day(at: date) -> str:
    """ "5 November 2026", "November 5, 2026"."""
    return _written(at, regions.locale().date_formats["long"].pattern)


def weekday(at: date, *, with_year: bool) -> str:
    """ "Thursday 5 November", "Thursday, November 5", with the year behind it or without."""
    full = re.sub(r"EEEE, (?=d)", "EEEE ", regions.locale().date_formats["full"].pattern)
    return _written(at, full if with_year else re.sub(",? y", "", full))


def short_day(at: date, *, with_year: bool) -> str:
    """ "5 Nov", "Nov 5, 2026"."""
    return _written(at, regions.locale().datetime_skeletons["yMMMd" if with_year else "MMMd"].pattern)


def month(at: date) -> str:
    """ "November 2026"."""
    return _written(at, regions.locale().datetime_skeletons["yMMMM"].pattern)


def month_name(at: date) -> str:
    return _written(at, "LLLL")


def short_month_name(at: date) -> str:
    return _written(at, "LLL")


def time(local: datetime, *, seconds: bool = False) -> str:
    """ "18:03", "6:03 PM"; of a time that is local already."""
    return str(format_time(local.replace(tzinfo=None), "medium" if seconds else "short", locale=regions.locale()))


def _written(at: date, pattern: str) -> str:
    return str(format_date(at, pattern, locale=regions.locale()))
