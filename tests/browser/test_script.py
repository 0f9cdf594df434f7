"""What the pages do better with JavaScript: static/js/app.js and session.js. Time is the page's own clock, set by hand."""

import re
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Any

import pytest
from playwright.sync_api import Browser, Route, expect

from tests.driver.complaints import listen
from tests.driver.person import Person
from tests.running import RunningSite
from wallet_site.demo import SIGN_INS

GRACE = SIGN_INS[1]
END_OF_STEP_UPS = """
from django.utils import timezone
from accounts.models import StepUp
StepUp.objects.update(expires_at=timezone.now())
"""
Arrive = Callable[..., Person]
Window = Callable[..., AbstractContextManager[Person]]


@pytest.fixture(scope="module")
def grace(browser: Browser, site: RunningSite) -> Iterator[Person]:
    """A signed-in customer, for all tests here: signing in takes a code, and each is good once."""
    context = browser.new_context(base_url=site.base_url)
    person = Person.of_the_demo(context, site, GRACE)
    person.sign_in()
    person.is_at("/wallet/")
    yield person
    context.close()


@pytest.fixture
def window(browser: Browser, site: RunningSite, grace: Person) -> Window:
    """Another window of hers, in which nothing may complain. `reveal` has her give the view PIN first."""

    @contextmanager
    def open_window(*, reveal: bool = False, **context_options: Any) -> Iterator[Person]:
        if reveal:
            show_balance(grace)
        context = browser.new_context(
            base_url=site.base_url, storage_state=grace.context.storage_state(), **context_options
        )
        complaints = listen(context, site.base_url)
        try:
            yield Person.of_the_demo(context, site, GRACE)
        finally:
            context.close()
        assert not complaints

    return open_window


def show_balance(grace: Person) -> None:
    grace.balance()
    expect(grace.page.locator(".balance")).to_contain_text("€")


def test_it_shows_a_secret_and_hides_it_before_it_is_sent(visit: Arrive) -> None:
    stranger = visit()
    page = stranger.page
    stranger.goto("/login/")
    stranger.fill({"Password": "seven grey herons"})
    password = page.locator("main [name=password]")
    page.get_by_role("button", name="Show Password").click()
    expect(password).to_have_attribute("type", "text")
    expect(page.get_by_role("status")).to_have_text("Password is shown")
    page.get_by_role("button", name="Hide Password").click()
    expect(password).to_have_attribute("type", "password")
    expect(password).to_have_value("seven grey herons")

    page.get_by_role("button", name="Show Password").click()
    page.evaluate("""() => {
        const form = document.querySelector("main form");
        form.addEventListener("submit", (event) => {
            event.preventDefault();
            form.dataset.sentAs = form.elements.password.type;
        });
    }""")
    page.get_by_role("button", name="Continue").click()
    expect(page.locator("main form")).to_have_attribute("data-sent-as", "password")


def test_a_pin_is_behind_dots_until_it_is_shown(window: Window) -> None:
    def dots() -> str:
        return str(page.locator("main [name=pin]").evaluate("field => getComputedStyle(field).webkitTextSecurity"))

    with window() as her:
        page = her.page
        page.goto("/wallet/reveal/")
        her.fill({"View PIN": "4071"})
        assert dots() == "disc"
        page.get_by_role("button", name="Show View PIN").click()
        assert dots() == "none"
        expect(page.get_by_role("status")).to_have_text("View PIN is shown")
        page.get_by_role("button", name="Hide View PIN").click()
        assert dots() == "disc"


def test_it_copies_an_account_number_without_its_spaces(window: Window) -> None:
    with window(permissions=["clipboard-read", "clipboard-write"]) as her:
        page = her.page
        page.clock.install()
        page.goto("/wallet/")
        shown = page.locator(".account-number")
        copy = page.locator(".account-number + button")
        copy.click()
        expect(copy).to_have_text("Copied")
        assert page.evaluate("navigator.clipboard.readText()") == shown.inner_text().replace(" ", "")
        page.clock.fast_forward(2_000)
        expect(copy).to_have_text("Copy")


def test_a_second_click_sends_nothing_until_ten_seconds_later(window: Window) -> None:
    sent: list[str] = []
    with window() as her:
        page = her.page
        page.clock.install()
        page.goto("/send/")
        page.on("request", lambda request: sent.append(request.method) if request.method == "POST" else None)
        page.route("**/send/", lambda route: route.fulfill(status=204))  # the page stays where it is
        button = page.get_by_role("button", name="Continue")
        with page.expect_request("**/send/"):
            button.evaluate("button => [1, 2, 3].forEach(() => button.click())")
        assert button.get_attribute("aria-disabled") == "true"
        page.clock.fast_forward(10_000)
        assert button.get_attribute("aria-disabled") is None
        with page.expect_request("**/send/"):
            button.evaluate("button => button.click()")
        assert sent == ["POST", "POST"]


def test_a_shown_balance_masks_itself_when_its_time_is_over(window: Window) -> None:
    with window(reveal=True) as her:
        page = her.page
        page.clock.install()
        page.route(
            "**/wallet/latest/", lambda route: route.fulfill(status=304)
        )  # by its clock amounts may be shown still
        page.goto("/wallet/")
        amounts = page.locator("[data-expires]")
        assert amounts.count() > 2  # the balance, and the one after each payment
        page.clock.fast_forward(30_000)
        expect(page.locator(".balance")).to_contain_text("€")
        page.clock.fast_forward(121_000)
        expect(page.locator(".balance")).to_have_text("••••••hidden")
        for text in amounts.all_inner_texts():
            assert "€" not in text


def test_masking_a_balance_keeps_what_is_being_typed(window: Window) -> None:
    with window(reveal=True) as her:
        page = her.page
        page.clock.install()
        her.send("@ada", "1.00")
        her.fill({"Payment PIN": "614"})
        after = page.locator("dd [data-expires]")
        expect(after).to_contain_text("€")
        page.clock.fast_forward(121_000)
        expect(after).to_have_text("••••••hidden")
        expect(page.locator("main [name=pin]")).to_have_value("614")


def test_without_javascript_the_browser_loads_a_page_again_when_it_has_to_be_masked(
    window: Window, site: RunningSite
) -> None:
    def sooner(route: Route) -> None:
        response = route.fetch()
        found = re.search(r'http-equiv="refresh" content="([0-9]+)"', response.text())
        refresh.append(found[1] if found else "")
        body = response.text().replace(found[0], 'http-equiv="refresh" content="1"') if found else response.text()
        route.fulfill(response=response, body=body)

    refresh: list[str] = []
    with window(reveal=True, java_script_enabled=False) as her:
        page = her.page
        page.route("**/wallet/", sooner)
        page.goto("/wallet/")
        assert 1 <= int(refresh[0]) <= 121
        site.shell(END_OF_STEP_UPS)
        expect(page.locator(".balance")).to_contain_text("hidden")
        assert refresh[-1] == ""


def test_the_session_warning_keeps_what_was_typed_and_the_session(window: Window) -> None:
    left, asked = [300, 50, 300, 0], []

    def answer(route: Route) -> None:
        asked.append(route.request.method)
        seconds = left.pop(0) if route.request.method == "GET" else 300
        route.fulfill(json={"seconds": seconds})

    with window() as her:
        page = her.page
        page.clock.install()
        page.route("**/settings/session/", answer)
        with page.expect_response("**/settings/session/"):
            page.goto("/send/")
        her.fill({"Note (optional)": "for the boat"})
        warning = page.get_by_role("dialog", name="Are you still there?")
        expect(warning).to_be_hidden()

        page.clock.fast_forward(240_000)
        expect(warning).to_be_visible()
        stay = warning.get_by_role("button", name="Stay signed in")
        expect(stay).to_be_focused()
        with page.expect_request(lambda request: request.method == "POST"):
            stay.press("Enter")
        expect(warning).to_be_hidden()
        expect(page.locator("[name=note]")).to_have_value("for the boat")

        with page.expect_response("**/settings/session/"):
            page.clock.fast_forward(15_000)
        assert asked == ["GET", "GET", "POST", "GET"]
        page.clock.fast_forward(240_000)
        ended = page.get_by_role("dialog", name="You are signed out")
        expect(ended.get_by_role("link", name="Sign in again")).to_have_attribute("href", "/send/")


def test_a_page_out_of_the_browsers_memory_is_asked_for_anew(window: Window, grace: Person) -> None:
    with window(reveal=True) as her:
        page = her.page
        page.goto("/wallet/")
        expect(page.locator(".balance")).to_contain_text("€")
        grace.page.goto("/wallet/")
        grace.press("Hide balance")
        with page.expect_navigation():
            page.evaluate("dispatchEvent(new PageTransitionEvent('pageshow', {persisted: true}))")
        expect(page.locator(".balance")).to_contain_text("hidden")


def test_back_after_a_corrected_mistake_is_a_page_of_the_sites(window: Window) -> None:
    with window() as her:
        page = her.page
        her.send("@ada", "1.00")
        for pin in ("000000", GRACE.payment_pin):
            her.approve(pin=pin)
            expect(page.locator("[data-error-summary], .panel")).to_be_visible()
        receipt = page.url
        page.go_back()
        expect(page.get_by_role("heading", level=1)).to_have_text("Payment sent")
        assert page.url == receipt


def test_after_signing_out_back_shows_no_balance(visit: Arrive) -> None:
    grace = visit(GRACE)
    page = grace.page
    grace.sign_in()
    show_balance(grace)
    balance = page.locator(".balance").inner_text().strip()
    page.goto("/activity/")
    assert balance in page.locator("main").inner_text()
    grace.sign_out()
    grace.is_at("/")
    for _ in range(3):
        page.go_back()
        grace.sees("Sign in")
        assert balance not in page.content() and GRACE.full_name not in page.content()
