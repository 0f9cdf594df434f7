"""In which region's way amounts, dates and times are written, and whose clock they are told by.

The language stays English; a region says where the decimal mark, the groups, the sign of a currency and the parts of a
date stand (CLDR, by Babel's English locales). What is written outside of `of` and `activate` is the bank's: British, in
the bank's zone. So are files, logs and whatever staff read.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache
from typing import Protocol
from zoneinfo import ZoneInfo

from babel import Locale
from babel.core import get_global
from django.utils import timezone

BANKS = "en_GB"
# Places whose way of writing CLDR has for English; more than these would be the same ones again.
COUNTRIES = "AT AU BE CA CH DE DK ES FI FR GB IE IN IT NL NO NZ PL PT SE SG SI US ZA"
CHOICES = tuple(f"en_{country}" for country in COUNTRIES.split())

_region: ContextVar[str] = ContextVar("region", default=BANKS)


class Placed(Protocol):
    """Somebody who may have said where they are: one of CHOICES and an IANA zone; blank for the bank's."""

    region: str
    time_zone: str


def active() -> str:
    """The name of a Babel locale."""
    return _region.get()


def locale() -> Locale:
    return _parsed(active())


@contextmanager
def of(person: Placed) -> Iterator[None]:
    """Inside it everything is written as this person reads it, also by a worker; afterwards as before."""
    with _settled():
        activate(person)
        yield


@contextmanager
def bank() -> Iterator[None]:
    """Inside it everything is written the bank's way, by the bank's clock, whoever asks: files, periods, records."""
    with _settled():
        _region.set(BANKS)
        timezone.deactivate()
        yield


@contextmanager
def written_as(region: str) -> Iterator[None]:
    """Inside it another region's way is shown; the clock stays."""
    token = _region.set(region)
    try:
        yield
    finally:
        _region.reset(token)


def activate(person: Placed) -> None:
    """Only inside `of` or `bank`, which put back what was. What no longer exists counts as the bank's."""
    _region.set(person.region if person.region in CHOICES else BANKS)
    timezone.activate(ZoneInfo(person.time_zone) if person.time_zone in zones() else timezone.get_default_timezone())


@cache
def zones() -> frozenset[str]:
    """The names of all time zones that can be chosen (IANA, one name each), as this machine knows them."""
    return frozenset(name for name in (*get_global("zone_territories"), "UTC") if _is_known(name))


def name_of(region: str) -> str:
    """ "Germany", as it stands in a list."""
    parsed = _parsed(region)
    return str(_parsed("en").territories[parsed.territory or ""])


@contextmanager
def _settled() -> Iterator[None]:
    token = _region.set(active())
    try:
        with timezone.override(timezone.get_current_timezone()):
            yield
    finally:
        _region.reset(token)


@cache
def _parsed(name: str) -> Locale:
    return Locale.parse(name)


def _is_known(name: str) -> bool:
    try:
        ZoneInfo(name)
    except (LookupError, ValueError, OSError):
        return False
    return True
