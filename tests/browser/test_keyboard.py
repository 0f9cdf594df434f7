"""Everything can be done with Tab, Enter, Space and typing; and whoever does it always sees where they are."""

import re
from collections.abc import Callable
from dataclasses import dataclass

from playwright.sync_api import Page, expect

from tests.driver.person import Person
from tests.running import RunningSite
from wallet_site.demo import SIGN_INS

GRACE = SIGN_INS[1]
MOST_STOPS = 40
# What has the focus: its name, and whether it can be seen that it has it (WCAG 2.2 SC 2.4.7 and 2.4.11).
FOCUS = """() => {
    const at = document.activeElement;
    const box = at.getBoundingClientRect();
    const above = document.elementFromPoint(box.x + box.width / 2, box.y + box.height / 2);
    const style = getComputedStyle(at);
    return {
        name: (at.ariaLabel ?? at.labels?.[0]?.innerText ?? at.innerText ?? "").trim(),
        isMarked: at.matches(":focus-visible") && style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2,
        isOnTop: at === document.body || at.contains(above) || Boolean(above?.contains(at)),
    };
}"""


@dataclass
class Keyboard:
    page: Page

    def press(self, key: str) -> None:
        self.page.keyboard.press(key)

    def type(self, text: str) -> None:
        self.page.keyboard.type(text)

    def focused(self) -> str:
        focus = self.page.evaluate(FOCUS)
        assert focus["isMarked"] and focus["isOnTop"], f"the focus cannot be seen at {self.page.url}: {focus}"
        return str(focus["name"])

    def tab_to(self, name: str) -> None:
        """Tab until the focus is on what has this name. Each stop on the way must be visible."""
        passed: list[str] = []
        while len(passed) < MOST_STOPS:
            self.press("Tab")
            passed.append(self.focused())
            if re.fullmatch(name, passed[-1]):
                return
        raise AssertionError(f"{name} cannot be reached by Tab: {passed}")

    def leave_by(self, key: str) -> None:
        """A key that opens the next page."""
        with self.page.expect_navigation():
            self.press(key)

    def mend(self, field: str, error: str) -> None:
        """From the error summary, which has the focus, to the field by its link."""
        expect(self.page.locator("[data-error-summary]")).to_be_focused()
        assert self.page.title().startswith("Error: ")
        self.press("Tab")
        assert self.focused() == error
        self.press("Enter")
        assert self.focused() == field


def test_a_payment_needs_no_mouse(visit: Callable[..., Person], site: RunningSite) -> None:
    grace = visit(GRACE)
    keyboard = Keyboard(grace.page)
    sign_in(grace, keyboard)
    send_money(grace, keyboard)
    grace.sees("Payment sent")
    assert "€1.23" in grace.text() and "Ada Lovelace" in grace.text()
    keyboard.tab_to("Sign out")
    keyboard.leave_by("Space")
    expect(grace.page).to_have_url(f"{site.base_url}/")


def sign_in(grace: Person, keyboard: Keyboard) -> None:
    grace.goto("/")
    keyboard.press("Tab")
    assert keyboard.focused() == "Skip to main content"
    keyboard.press("Enter")
    expect(grace.page.locator("main")).to_be_focused()
    keyboard.tab_to("Sign in")
    keyboard.leave_by("Enter")

    keyboard.tab_to("Email address")
    keyboard.type(GRACE.email)
    keyboard.tab_to("Continue")
    keyboard.leave_by("Enter")
    keyboard.mend("Password", "Enter your password.")
    keyboard.type(GRACE.password)
    keyboard.leave_by("Enter")

    grace.sees("Enter your code")
    keyboard.tab_to("Code")
    keyboard.type(grace.code())
    keyboard.leave_by("Enter")
    grace.is_at("/wallet/")


def send_money(grace: Person, keyboard: Keyboard) -> None:
    keyboard.tab_to("Send money")
    keyboard.leave_by("Enter")
    keyboard.tab_to("Who to pay")
    keyboard.type("@ada")
    keyboard.tab_to("Amount")
    keyboard.type("1.2.3")
    keyboard.tab_to("Continue")
    keyboard.leave_by("Space")
    keyboard.mend("Amount", grace.page.locator(".error-summary a").inner_text())
    keyboard.press("End")
    for _ in "1.2.3":
        keyboard.press("Backspace")
    keyboard.type("1.23")
    keyboard.leave_by("Enter")

    grace.sees("Check your payment")
    keyboard.tab_to("Payment PIN")
    keyboard.type(GRACE.payment_pin)
    keyboard.tab_to("Send €1.23")
    keyboard.leave_by("Space")
