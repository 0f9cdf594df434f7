"""A customer's region and time zone: what they choose, what follows it, and whom it leaves alone."""

import contextvars
import re
import uuid
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.core import mail
from django.test import Client
from django.utils import timezone

from accounts.entry.changing.region import city, region_choices, zone_choices
from accounts.models import User
from inputs import amounts
from ledger.currency import money, short_money, typed
from ledger.models import Account
from ledger.posting import Order, post
from payments.models import Payment
from tests import people
from tests.notices.telling import deliver
from web import days, moments, regions

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "serializable"])
NOW = datetime(2026, 7, 5, 18, 3, 9, tzinfo=ZoneInfo("UTC"))
LONG_AGO = datetime(2024, 12, 31, 23, 30, tzinfo=ZoneInfo("UTC"))


def place(user: User, region: str, time_zone: str = "") -> None:
    User.objects.filter(pk=user.pk).update(region=region, time_zone=time_zone)
    user.refresh_from_db()


# How it is written


@pytest.mark.parametrize(
    ("region", "amount", "form", "day", "weekday", "short", "time"),
    [
        ("", "€1,234.50", "1234.50", "5 July 2026", "Sunday 5 July", "5 Jul", "18:03"),
        ("en_DE", "1.234,50\xa0€", "1234,50", "5 July 2026", "Sunday 5 July", "5 Jul", "18:03"),
        ("en_US", "€1,234.50", "1234.50", "July 5, 2026", "Sunday, July 5", "Jul 5", "6:03\u202fPM"),
        ("en_CH", "€\xa01’234.50", "1234.50", "5 July 2026", "Sunday 5 July", "5 Jul", "18:03"),
        ("en_SE", "1\xa0234,50\xa0€", "1234,50", "5 July 2026", "Sunday 5 July", "5 Jul", "18:03"),
        ("en_FI", "1\xa0234,50\xa0€", "1234,50", "5 July 2026", "Sunday 5 July", "5 Jul", "18.03"),
        ("en_ZA", "€1\xa0234,50", "1234,50", "05 July 2026", "Sunday 05 July", "05 Jul", "18:03"),
    ],
)
def test_each_region_writes_in_its_way(
    region: str, amount: str, form: str, day: str, weekday: str, short: str, time: str
) -> None:
    with regions.of(User(region=region)):
        assert (money(123450, "EUR"), typed(123450, "EUR")) == (amount, form)
        assert (days.day(NOW), days.weekday(NOW, with_year=False)) == (day, weekday)
        assert (days.short_day(NOW, with_year=False), days.time(NOW)) == (short, time)
    assert money(123450, "EUR") == "€1,234.50"


def test_a_negative_amount_and_one_in_short_follow_too() -> None:
    with regions.of(User(region="en_DE")):
        assert money(-123450, "EUR") == "−1.234,50\xa0€"
        assert short_money(400000, "EUR") == "€4K"
        assert money(1234, "JPY").startswith("1.234\xa0")


def test_what_a_form_shows_is_read_back_as_the_same_amount_in_every_region() -> None:
    for region in regions.CHOICES:
        for currency in ("EUR", "JPY", "KWD"):
            with regions.written_as(region):
                assert [amounts.read(typed(one, currency), currency) for one in (1_234, 1_234_567)] == [
                    1_234,
                    1_234_567,
                ]


def test_the_bank_writes_its_own_way_inside_anybodys() -> None:
    with regions.of(User(region="en_DE", time_zone="Asia/Tokyo")):
        with regions.bank():
            assert money(123450, "EUR") == "€1,234.50"
            assert moments.moment(NOW) == "5 July 2026, 18:03 UTC"
        assert moments.moment(NOW).startswith("6 July 2026, 03:03")


@pytest.mark.parametrize(("region", "zone"), [("tlh_QO", "Mars/Olympus"), ("../etc", "../etc/passwd"), ("en_XX", "\0")])
def test_what_no_longer_exists_counts_as_the_banks(region: str, zone: str) -> None:
    with regions.of(User(region=region, time_zone=zone)):
        assert moments.moment(NOW) == "5 July 2026, 18:03 UTC"
        assert money(123450, "EUR") == "€1,234.50"


# Choosing


def test_it_offers_each_country_as_it_writes_and_each_zone_once() -> None:
    shown = dict(region_choices())
    assert next(iter(shown)) == "en_GB"
    assert shown["en_DE"] == "Germany: 1.234,50\xa0€ · 31 December 2026 · 18:05"
    zones = [name for _, members in zone_choices() for name, _ in members]
    assert len(zones) == len(set(zones)) > 300
    assert {"Europe/Berlin", "America/New_York", "UTC"} <= set(zones)
    assert city("America/Argentina/Buenos_Aires") == "Buenos Aires, Argentina"


def test_a_customer_chooses_and_sees_it_at_once(as_ada: Client, ada: User) -> None:
    assert 'value="en_GB" selected' in as_ada.get("/settings/region/").content.decode()
    answer = as_ada.post("/settings/region/", {"region": "en_DE", "time_zone": "Europe/Berlin"}, follow=True)
    html = answer.content.decode()
    assert "1.234,50\xa0€" in html
    assert "Europe/Berlin" in html
    form = as_ada.get("/settings/region/").content.decode()
    assert 'value="en_DE" selected' in form
    assert 'value="Europe/Berlin" selected' in form
    as_ada.post("/settings/region/", {"region": "en_GB", "time_zone": ""})
    assert (User.objects.get(pk=ada.pk).region, User.objects.get(pk=ada.pk).time_zone) == ("en_GB", "")


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("region", "", "Choose a country."),
        ("region", "de_DE", "one of these countries"),
        ("region", "en_XX", "one of these countries"),
        ("region", "en_DE\0", "one of these countries"),
        ("region", "x" * 10_000, "one of these countries"),
        ("time_zone", "Mars/Olympus", "know this time zone"),
        ("time_zone", "../../etc/passwd", "know this time zone"),
        ("time_zone", "europe/berlin", "know this time zone"),
        ("time_zone", "E" * 10_000, "know this time zone"),
    ],
)
def test_what_is_not_offered_is_refused_beside_its_field(
    as_ada: Client, ada: User, field: str, value: str, words: str
) -> None:
    page = as_ada.post("/settings/region/", {"region": "en_DE", "time_zone": "", field: value})
    assert page.status_code == 200
    assert words.replace("’", "&#x27;") in page.content.decode() or words in page.context["form"].errors[field][0]
    assert User.objects.get(pk=ada.pk).region == ""


def test_staff_have_no_region() -> None:
    staff = people.make_staff()
    client = people.sign_in(staff)
    assert client.post("/settings/region/", {"region": "en_DE", "time_zone": ""})["Location"] == "/admin/"
    assert User.objects.get(pk=staff.pk).region == ""
    place(staff, "en_DE", "Asia/Tokyo")  # by hand
    html = client.get("/settings/sessions/").content.decode()
    assert " UTC<" in html
    assert "JST" not in html


# What follows


@pytest.fixture
def paid(as_ada: Client, ada: User, grace: User) -> Payment:
    people.fund(ada, 2_000_00)
    payment = Payment.objects.draft(payer=ada, payee=grace, amount=123_45, note="Lunch")
    answer = as_ada.post(f"/send/{payment.id}/check/", {"pin": people.PAYMENT_PIN})
    assert answer["Location"].endswith("/done/")
    return payment


def test_amounts_and_separators_follow_on_every_page_of_money(
    as_ada: Client, ada: User, grace: User, paid: Payment
) -> None:
    place(ada, "en_DE")
    people.reveal(as_ada)
    draft = Payment.objects.draft(payer=ada, payee=grace, amount=1_234_56, note="")
    pages = {
        "/wallet/": ["1.876,55\xa0€", "−123,45\xa0€", "+2.000,00\xa0€"],
        "/activity/": ["−123,45\xa0€", "+2.000,00\xa0€"],
        f"/activity/{paid.id}/": ["123,45\xa0€", "1.876,55\xa0€"],
        f"/send/{paid.id}/done/": ["123,45\xa0€", "1.876,55\xa0€"],
        f"/send/{draft.id}/check/": ["1.234,56\xa0€"],
    }
    for page, shown in pages.items():
        html = as_ada.get(page).content.decode().replace("&nbsp;", "\xa0")
        assert [amount for amount in shown if amount not in html] == [], page
        assert re.findall(r"€[0-9.,]+(?=[0-9]*\b(?![0-9.,K]))", html.replace("€0<", "")) == [], page
    assert 'value="1234,56"' in as_ada.get(f"/send/?from={draft.id}").content.decode()


def test_days_and_times_follow_clock_and_order(grace: User) -> None:
    mine, outside = Account.objects.for_owner(grace), Account.objects.system("settlement")
    order = Order(id=uuid.uuid4(), debit=outside, credit=mine, amount=5_00, kind="deposit")
    post([order], at=LONG_AGO)
    place(grace, "en_US", "Asia/Tokyo")  # there it was another day, of another year
    client = people.sign_in(grace)
    assert "Jan 1, 2025" in client.get("/activity/").content.decode()
    receipt = client.get(f"/activity/{order.id}/").content.decode()
    assert "January 1, 2025, 8:30:00\u202fAM JST (UTC+9)" in receipt
    assert 'datetime="2025-01-01T08:30:00+09:00"' in receipt


def test_another_customer_is_left_alone(as_ada: Client, as_grace: Client, ada: User, paid: Payment) -> None:
    place(ada, "en_DE", "Asia/Tokyo")
    assert "123,45\xa0€" in as_ada.get(f"/activity/{paid.id}/").content.decode()
    hers = as_grace.get(f"/activity/{paid.id}/").content.decode()
    assert "€123.45" in hers
    assert "UTC" in hers and "JST" not in hers


def test_nothing_of_it_stays_behind_a_request_in_its_thread(as_ada: Client, ada: User) -> None:
    place(ada, "en_DE", "Asia/Tokyo")

    def requests() -> tuple[str, str]:
        as_ada.get("/wallet/")
        as_ada.get("/activity/no-such-page/")
        return regions.active(), timezone.get_current_timezone_name()

    assert contextvars.copy_context().run(requests) == ("en_GB", "UTC")
    assert requests() == ("en_GB", "UTC")


def test_a_view_that_fails_leaves_nothing_behind_either(
    as_ada: Client, ada: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    place(ada, "en_DE", "Asia/Tokyo")
    monkeypatch.setattr("payments.views.lines.page", lambda *_, **__: 1 / 0)
    as_ada.raise_request_exception = False
    assert as_ada.get("/wallet/").status_code == 500
    assert (regions.active(), timezone.get_current_timezone_name()) == ("en_GB", "UTC")


def test_a_letter_is_written_for_whom_it_is_to(ada: User) -> None:
    place(ada, "en_US", "America/New_York")
    with time_machine.travel(NOW, tick=True):
        client = people.sign_in(ada)
        form = {"password": "another horse battery", "current_password": people.PASSWORD, "code": people.code_for(ada)}
        assert client.post("/settings/security/password/", form).status_code == 302
        deliver()
    assert "on July 5, 2026, 2:03\u202fPM EDT (UTC−4)" in mail.outbox[-1].body


def test_an_amount_with_two_readings_is_asked_about_in_every_region(as_ada: Client, ada: User, grace: User) -> None:
    for region in ("en_GB", "en_DE", "en_US"):
        place(ada, region)
        page = as_ada.post("/send/", {"payee": "@grace", "amount": "1,234", "note": ""})
        assert "two ways" in page.context["form"].errors["amount"][0]
        assert Payment.objects.count() == 0


def test_the_hints_of_the_amount_are_typed_as_there(as_ada: Client, ada: User) -> None:
    place(ada, "en_DE")
    page = as_ada.post("/send/", {"payee": "@grace", "amount": "ten", "note": ""})
    assert "like 12,34." in page.context["form"].errors["amount"][0]
    place(ada, "")
    page = as_ada.post("/send/", {"payee": "@grace", "amount": "ten", "note": ""})
    assert "like 12.34." in page.context["form"].errors["amount"][0]
