"""The wallet page while it is open: incoming money, the mask, the focus; and the notices, without JavaScript too."""

import re
from collections.abc import Callable
from contextlib import AbstractContextManager

import pytest
from playwright.sync_api import Page, expect

from tests.browser.test_script import grace, window
from tests.driver.person import Person
from tests.running import RunningSite

__all__ = ["grace", "window"]
Window = Callable[..., AbstractContextManager[Person]]
PAY = """
import uuid
from accounts.models import User
from ledger.models import Account
from payments.gate import confirm
from payments.models import Payment
ada, grace = User.objects.by_handle("ada"), User.objects.by_handle("grace")
payment = Payment.objects.draft(payer=ada, payee=grace, amount={amount}, note="live")
confirm(payment=payment, payer=ada, pin="{pin}")
"""


def pay(site: RunningSite, amount: int) -> None:
    from wallet_site.demo import SIGN_INS

    site.shell(PAY.format(amount=amount, pin=SIGN_INS[0].payment_pin))


def test_incoming_money_is_there_within_five_seconds_and_read_out(window: Window, site: RunningSite) -> None:
    with window() as person:
        page = person.page
        page.goto("/wallet/")
        page.evaluate("window.sameDocument = true")
        focused = page.locator(".activity__who").first
        address = focused.get_attribute("href")
        focused.focus()
        pay(site, 1_11)
        row = page.locator(".activity__row", has_text="live").first
        expect(row).to_contain_text("€1.11", timeout=5_000)
        expect(page.locator("p[role=status]")).to_contain_text("Money in: €1.11 from Ada Lovelace.")
        assert page.evaluate("document.activeElement.getAttribute('href')") == address
        # The worker's notice follows.
        expect(page.locator(".bell__count")).to_contain_text(re.compile("[0-9]+"), timeout=10_000)
        assert page.evaluate("window.sameDocument")


def test_a_hidden_page_does_not_ask(window: Window) -> None:
    asked: list[str] = []
    with window() as person:
        page = person.page
        page.clock.install()
        page.on("request", lambda request: asked.append(request.url) if "latest" in request.url else None)
        page.goto("/wallet/")
        page.evaluate(
            "Object.defineProperty(document, 'hidden', {get: () => window.isAway ?? false, configurable: true})"
        )
        page.evaluate("window.isAway = true; document.dispatchEvent(new Event('visibilitychange'))")
        page.clock.fast_forward(20_000)
        page.wait_for_timeout(300)
        assert asked == []
        with page.expect_request("**/wallet/latest/"):
            page.evaluate("window.isAway = false; document.dispatchEvent(new Event('visibilitychange'))")


def test_it_stops_when_the_session_has_ended(window: Window) -> None:
    asked: list[str] = []
    with window() as person:
        page = person.page
        page.clock.install()
        page.goto("/wallet/")
        page.on("request", lambda request: asked.append(request.url) if "latest" in request.url else None)
        page.route(
            "**/wallet/latest/", lambda route: route.fulfill(status=302, headers={"Location": "/login/?next=/wallet/"})
        )
        for _ in range(5):
            page.clock.fast_forward(4_100)
            page.wait_for_timeout(150)
        assert len(asked) == 1


def keep_still(page: Page) -> None:
    """The server's own clock is not set by hand: for it the two minutes are not over."""
    page.route("**/wallet/latest/", lambda route: route.fulfill(status=304))


@pytest.mark.parametrize("where", ["/wallet/", "/activity/"])
def test_masking_again_loads_nothing_and_keeps_the_focus(window: Window, where: str) -> None:
    with window(reveal=True) as person:
        page = person.page
        page.clock.install()
        keep_still(page)
        page.goto(where)
        page.evaluate("window.sameDocument = true")
        link = page.locator(".activity__who").first
        link.focus()
        page.clock.fast_forward(125_000)
        expect(page.get_by_role("button", name=re.compile("Hide balance"))).to_have_count(0)
        shows = "button" if where == "/wallet/" else "link"
        expect(page.get_by_role(shows, name=re.compile("Show balance"))).to_be_visible()  # type: ignore[arg-type]
        expect(link).to_be_focused()
        assert page.evaluate("window.sameDocument")
        assert "€" not in page.locator("main .amount--masked").first.inner_text()


def test_what_hides_the_balance_does_not_go_away_under_the_hand_that_is_on_it(window: Window) -> None:
    with window(reveal=True) as person:
        page = person.page
        page.clock.install()
        keep_still(page)
        page.goto("/wallet/")
        hide = page.get_by_role("button", name="Hide balance")
        hide.focus()
        page.clock.fast_forward(125_000)
        expect(page.locator(".balance")).to_have_text("••••••hidden")
        expect(hide).to_be_focused()
        page.get_by_role("link", name="All activity").focus()
        page.clock.run_for(100)
        expect(page.get_by_role("button", name="Show balance")).to_be_visible()
        # Like any other form on a page. (Not sent: that would give the session a new key, in this window alone.)
        page.get_by_label("View PIN", exact=True).fill("4071")
        page.get_by_role("button", name="Show View PIN").click()
        expect(page.get_by_role("button", name="Hide View PIN")).to_be_visible()


@pytest.mark.parametrize("with_javascript", [True, False])
def test_the_bell_leads_to_the_notices_and_opening_one_marks_it_read(
    window: Window, site: RunningSite, with_javascript: bool
) -> None:
    pay(site, 2_22)
    with window(java_script_enabled=with_javascript) as person:
        page = person.page
        unread = page.locator(".notices__unread")
        for _ in range(50):  # until the worker has been there
            page.goto("/notices/")
            if unread.filter(has_text="You received €2.22 from Ada Lovelace").count():
                break
            page.wait_for_timeout(200)
        before = unread.count()
        assert before
        unread.first.get_by_role("link").click()
        expect(page).to_have_url(re.compile("/(activity/[0-9a-f-]{36}|settings/security)/$"))
        page.get_by_role("link", name=re.compile("Notices")).click()
        expect(unread).to_have_count(before - 1)
        page.get_by_role("button", name="Mark all as read").click()
        expect(page.get_by_text("All your notices are marked as read.")).to_be_visible()
        expect(unread).to_have_count(0)
        expect(page.locator(".bell__count")).to_have_count(0)
        page.get_by_role("link", name="What you are told about").click()
        page.get_by_label("By mail").first.uncheck()
        page.get_by_role("button", name="Save").click()
        expect(page.get_by_label("By mail").first).not_to_be_checked()
        page.get_by_label("By mail").first.check()
        page.get_by_role("button", name="Save").click()
