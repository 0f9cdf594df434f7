"""The figures in SECURITY.md are those of the code."""

import re

import pytest
from django.conf import settings

from accounts import letters
from accounts.entry.joining import open_account
from accounts.entry.signing_in import sign_in
from accounts.guard import attempts
from wallet_site.environment import BASE_DIR

TEXT = " ".join((BASE_DIR / "SECURITY.md").read_text().split())


def length(seconds: int) -> str:
    for size, unit in ((3600, "h"), (60, "min")):
        if seconds % size == 0:
            return f"{seconds // size} {unit}"
    raise ValueError(seconds)


@pytest.mark.asvs("6.1.1", "2.1.3")
def test_the_limits_of_tries_are_documented() -> None:
    locks = ", ".join(length(seconds) for seconds in attempts.LOCK_SECONDS)
    assert f"| {attempts.LIMIT} wrong in a row | {locks}" in TEXT
    assert f"| codes in one sign-in | {sign_in.MOST_TRIES} |" in TEXT
    assert f"| {letters.MAILS_BETWEEN}, {letters.MAILS_TO_ONE} and {letters.MAILS_FROM_ONE} an hour |" in TEXT
    assert f"| {open_account.HANDLES_BY_INVITATION} and {open_account.HANDLES_BY_NETWORK} an hour |" in TEXT
    assert f"`SIGN_IN_TRIES_PER_NETWORK` in {length(sign_in.NETWORK_SECONDS)}" in TEXT


@pytest.mark.asvs("7.1.1", "7.1.2")
def test_the_times_of_a_session_are_documented() -> None:
    idle, set_up = settings.SESSION_IDLE_SECONDS // 60, settings.SET_UP_IDLE_SECONDS // 60
    hours, shown = settings.SESSION_COOKIE_AGE // 3600, settings.VIEW_UNLOCK_SECONDS // 60
    assert f"after {idle} minutes without use" in TEXT
    assert f"{set_up} while the second factor is still being set up, and after {hours} hours" in TEXT
    assert f"masked again after {shown} minutes" in TEXT
    assert "any number of sessions" in TEXT


@pytest.mark.asvs("11.1.1")
def test_every_setting_it_names_is_one() -> None:
    named = set(re.findall("`([A-Z][A-Z_]{5,})`", TEXT))
    assert len(named) > 5
    assert [name for name in sorted(named) if not hasattr(settings, name)] == []
