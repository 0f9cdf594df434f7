"""Paying somebody known in three screens and two taps, and finding a payment of last month in one search."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from playwright.sync_api import Page, expect

from tests.driver.inspection import SIZES
from tests.driver.person import Person
from tests.running import RunningSite

Arrive = Callable[..., Person]
with_and_without = pytest.mark.parametrize("javascript", [True, False], ids=["with JavaScript", "without JavaScript"])

# Payments of earlier weeks, which no page can make. The first one notes the payee, as the gate does.
EARLIER = """
import uuid
from datetime import timedelta
from django.utils import timezone
from accounts.models import User
from ledger.models import Account
from ledger.posting import Order, post
from payments.models import Payee
from wallet_site.owner import owned
payer, payee = (User.objects.get(handle=handle) for handle in ("{payer}", "{payee}"))
hers, his, outside = Account.objects.for_owner(payer), Account.objects.for_owner(payee), Account.objects.system("cash")
now = timezone.now()
deposit = Order(id=uuid.uuid4(), debit=outside, credit=hers, amount=500_00, kind="deposit")
with owned("default", "serializable"):
    post([deposit], at=now - timedelta(days=70))
    for number in range(24):
        order = Order(id=uuid.uuid4(), debit=hers, credit=his, amount=100 + number, kind="payment",
            memo="Café crème" if number == 7 else f"Groceries {{number}}", initiated_by=payer)
        post([order], at=now - timedelta(days=60) + timedelta(days=2) * number)
Payee.objects.paid(payer.pk, payee, now)
"""


@pytest.fixture
def arrive(visit: Arrive, site: RunningSite) -> Callable[[bool], tuple[Person, Person]]:
    """Alice, with two months of payments to Bob, on a phone; and Bob."""

    def both(javascript: bool) -> tuple[Person, Person]:
        width, height = SIZES["phone"]
        bob = visit("Bob", java_script_enabled=javascript)
        alice = visit("Alice", java_script_enabled=javascript, viewport={"width": width, "height": height})
        for person in (bob, alice):
            person.register()
        site.shell(EARLIER.format(payer=alice.handle, payee=bob.handle))
        return alice, bob

    return both


def tap(page: Page, name: str) -> None:
    page.get_by_role("main").get_by_role("link", name=name).first.click()


@with_and_without
def test_somebody_known_is_paid_in_three_screens_two_taps_and_the_pin(
    arrive: Callable[[bool], tuple[Person, Person]], javascript: bool
) -> None:
    alice, bob = arrive(javascript)
    page, screens = alice.page, []
    page.on("framenavigated", lambda frame: screens.append(frame.url.partition("?")[0].rpartition("/send/")[2]))
    page.goto("/send/")
    tap(page, "Bob Example")  # the first tap
    expect(page.get_by_label("Who to pay")).to_have_count(0)
    assert "Bob Example" in alice.text() and f"@{bob.handle}" in alice.text()
    alice.fill({"Amount": "12,34", "Note (optional)": "Lunch"})
    alice.press("Continue")  # the second
    alice.sees("Check your payment")
    page.go_back()
    expect(page.get_by_label("Amount")).to_have_value("12.34")
    expect(page.get_by_label("Note (optional)")).to_have_value("Lunch")
    page.go_forward()
    alice.fill({"Payment PIN": alice.payment_pin})
    page.get_by_role("main").get_by_role("button", name="Send").click()
    alice.sees("Payment sent")
    seen = list(dict.fromkeys(screens))
    assert [screen.rpartition("/")[0].rpartition("/")[2] for screen in seen] == ["", "check", "done"]
    tap(page, "Pay again")
    expect(page.get_by_label("Amount")).to_have_value("12.34")
    assert "Bob Example" in alice.text()


@with_and_without
def test_last_months_payment_is_found_in_one_search(
    arrive: Callable[[bool], tuple[Person, Person]], javascript: bool
) -> None:
    alice, _ = arrive(javascript)
    page = alice.page
    page.goto("/activity/")
    page.get_by_label("Find a payment").fill("cafe")
    page.get_by_role("main").get_by_role("button", name="Find").first.click()
    expect(page.locator(".activity__row")).to_have_count(1)
    assert "Café crème" in alice.text() and "−€1.07" in alice.text()
    assert "q=cafe" in page.url
    page.reload()
    expect(page.locator(".activity__row")).to_have_count(1)
    page.locator("summary").click()
    page.get_by_label("At least").fill("2")
    page.get_by_role("main").get_by_role("button", name="Find").last.click()
    assert "Nothing like this" in alice.text()
    expect(page.get_by_label("At least")).to_have_value("2")


def test_twenty_payments_are_two_screens_of_a_phone(arrive: Callable[[bool], tuple[Person, Person]]) -> None:
    alice, _ = arrive(True)
    page = alice.page
    page.goto("/activity/")
    rows = page.locator(".activity__row")
    expect(rows).to_have_count(20)
    first, last = page.locator(".activity__head").first.bounding_box(), rows.last.bounding_box()
    assert first and last
    assert last["y"] + last["height"] - first["y"] <= 1_600


def test_a_bar_of_the_chart_opens_its_month(arrive: Callable[[bool], tuple[Person, Person]]) -> None:
    alice, _ = arrive(True)
    page = alice.page
    alice.reveal()
    page.goto("/activity/")
    last_month = datetime.now().replace(day=1) - timedelta(days=1)
    page.locator(f".chart__plot a[href$='month={last_month:%Y-%m}']").last.click()
    expect(page.locator("[name=month]")).to_have_value(f"{last_month:%Y-%m}")
    expect(page.locator(".activity__month")).to_have_count(1)
    expect(page.locator(".activity__month")).to_contain_text(f"{last_month:%B}")
