"""What pages say of wrong and locked secrets, and how they write times."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.template import Context, Template
from django.test import Client
from django.utils import timezone

from accounts.credentials.hashing import Kind
from accounts.guard import attempts, refusals
from accounts.models import Session
from tests.people import code_for, make_begun, make_customer, sign_in
from web import moments

NOW = datetime(2026, 11, 25, 8, 13, 5, tzinfo=UTC)


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (-1, "in 1 minute"),
        (1, "in 1 minute"),
        (60, "in 1 minute"),
        (61, "in 2 minutes"),
        (300, "in 5 minutes"),
        (3_540, "in 59 minutes"),
        (3_541, "in 1 hour"),
        (3_661, "in 1 hour and 2 minutes"),
        (14_400, "in 4 hours"),
        (86_400, "in 24 hours"),
    ],
)
def test_a_lock_ends_in_so_long(seconds: int, words: str) -> None:
    with time_machine.travel(NOW, tick=False):
        assert refusals.in_words(timezone.now() + timedelta(seconds=seconds)) == words


def test_a_lock_says_in_how_long_and_when() -> None:
    with time_machine.travel(NOW, tick=False):
        text = refusals.locked(NOW + timedelta(minutes=1), "PINs")
    assert text == "Too many wrong PINs. For your safety you can try again in 1 minute, at 08:14 UTC."


@pytest.mark.parametrize(
    ("left", "text"), [(4, "No. 4 tries left."), (1, "No. 1 try left."), (0, "No."), (None, "No.")]
)
def test_tries_left_are_said_where_they_are_known(left: int | None, text: str) -> None:
    assert refusals.with_tries_left("No.", left) == text


@pytest.mark.parametrize(
    ("zone", "day_and_time", "time"),
    [
        ("UTC", "25 November 2026, 08:13 UTC", "08:13 UTC"),
        ("Europe/Berlin", "25 November 2026, 09:13 CET (UTC+1)", "09:13 CET"),
        ("Europe/London", "25 November 2026, 08:13 GMT", "08:13 GMT"),
        ("Asia/Kolkata", "25 November 2026, 13:43 IST (UTC+5:30)", "13:43 IST"),
        ("America/Sao_Paulo", "25 November 2026, 05:13 UTC−3", "05:13 UTC−3"),
        ("Pacific/Marquesas", "24 November 2026, 22:43 UTC−9:30", "22:43 UTC−9:30"),
    ],
)
def test_a_time_says_of_which_place_it_is(zone: str, day_and_time: str, time: str) -> None:
    with timezone.override(ZoneInfo(zone)):
        assert moments.moment(NOW) == day_and_time
        assert moments.clock(NOW) == time
        assert moments.clock(NOW, seconds=True) == time.replace(" ", ":05 ", 1)
        assert moments.moment(NOW, seconds=True) == day_and_time.replace(":13 ", ":13:05 ").replace(":43 ", ":43:05 ")


def test_a_page_has_it_for_readers_and_for_machines() -> None:
    page = Template('{% load moments %}{% moment at %} {% clock at day="Today" %}').render(Context({"at": NOW}))
    assert page == (
        '<time datetime="2026-11-25T08:13:05+00:00">25 November 2026, 08:13 UTC</time> '
        '<time datetime="2026-11-25T08:13:05+00:00">Today, 08:13 UTC</time>'
    )


@pytest.mark.django_db(transaction=True)
def test_tries_left_are_those_of_the_secret_with_fewest() -> None:
    alice = make_customer()
    assert attempts.tries_left(alice.id, Kind.VIEW_PIN) == 5
    reserved = attempts.Attempt(alice.id, Kind.VIEW_PIN)
    reserved.reserve()
    assert attempts.tries_left(alice.id, Kind.VIEW_PIN) == 4
    reserved.fail()
    assert attempts.tries_left(alice.id, Kind.VIEW_PIN, Kind.PAYMENT_PIN) == 4
    assert attempts.tries_left(alice.id, Kind.PAYMENT_PIN) == 5


@pytest.mark.django_db(transaction=True)
def test_whoever_is_signed_in_is_told_how_many_passwords_are_left(client: Client) -> None:
    alice = make_customer()
    sign_in(alice, Client())
    sign_in(alice, client)
    other = Session.objects.filter(user=alice).order_by("started_at")[0]
    for left in ("4 tries left.", "3 tries left.", "2 tries left.", "1 try left.", "try again in 1 minute"):
        page = client.post("/settings/sessions/", {"session": str(other.pk), "current_password": "not my password"})
        assert left in page.content.decode()


@pytest.mark.django_db(transaction=True)
def test_setting_up_says_how_many_codes_are_left(client: Client) -> None:
    bob = make_begun()
    sign_in(bob, client)
    for left in ("4 tries left.", "3 tries left.", "2 tries left.", "1 try left.", "try again in 1 minute"):
        page = client.post("/setup/totp/", {"code": code_for(bob, 9)})
        assert left in page.content.decode()


@pytest.mark.django_db(transaction=True)
def test_a_sign_in_tells_a_stranger_nothing_of_tries(client: Client) -> None:
    alice = make_customer()
    for _ in range(6):
        client.post("/login/", {"email": alice.email, "password": "not my password"})
        page = client.post("/login/code/", {"code": "123456"}).content.decode()
        assert "left" not in page.split("<main")[1].split("</main>")[0] and "try again in" not in page
