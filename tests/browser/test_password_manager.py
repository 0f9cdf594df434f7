"""A browser's own password manager, asked by its own log: it keeps the login's password, and never a PIN.

Chromium is started as a person has it, with a profile and without the switch for automation, which turns the manager
off. chrome://password-manager-internals then says what each form was taken for and what was offered.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, Page, Playwright, expect

from tests.driver.person import Person
from tests.running import RunningSite
from wallet_site.demo import SIGN_INS

ADA = SIGN_INS[0]
NEW_PASSWORD = "forty paper kites over the dunes"
NEW_VIEW_PIN, NEW_PAYMENT_PIN = "7306", "418529"
OFFER = re.compile(r"The new state of the UI:\s*(PENDING_\w+)")
TAKEN_FOR = re.compile(r"Form parsing output: \{(.*?)\}", re.DOTALL)
KEPT = """async () => {
    const entries = await chrome.passwordsPrivate.getSavedPasswordList();
    const details = await chrome.passwordsPrivate.requestCredentialsDetails(entries.map((entry) => entry.id));
    return details.map((one) => [one.username, one.password]);
}"""
KEEP = """([url, username, password]) =>
    chrome.passwordsPrivate.addPassword({url, username, password, note: "", useAccountStore: false})"""


@dataclass
class Manager:
    """What the browser keeps, and what it says about each form."""

    log: Page
    kept_page: Page
    read: int = 0

    def keep(self, address: str, username: str, password: str) -> None:
        """As if somebody had pressed "Save"."""
        self.kept_page.evaluate(KEEP, [address, username, password])
        self.kept_page.wait_for_function(f"({KEPT})().then((found) => found.length === 1)")

    def kept(self) -> list[list[str]]:
        return list(self.kept_page.evaluate(KEPT))

    def news(self) -> str:
        """What it said since this was last asked."""
        text = self.log.locator("body").inner_text()
        new, self.read = text[self.read :], len(text)
        return new

    def wait_for(self, text: str) -> str:
        """What it said until it said this."""
        self.log.wait_for_function(
            "([read, text]) => document.body.innerText.slice(read).includes(text)", arg=[self.read, text]
        )
        return self.news()


@pytest.fixture
def profile(
    playwright: Playwright, browser_type_launch_args: dict[str, Any], site: RunningSite, tmp_path: Path
) -> Iterator[BrowserContext]:
    context = playwright.chromium.launch_persistent_context(
        tmp_path, **browser_type_launch_args, ignore_default_args=["--enable-automation"], base_url=site.base_url
    )
    yield context
    context.close()


@pytest.fixture
def manager(profile: BrowserContext) -> Manager:
    log, kept_page = profile.new_page(), profile.new_page()
    log.goto("chrome://password-manager-internals")
    kept_page.goto("chrome://password-manager/passwords")
    return Manager(log, kept_page)


def offers(said: str) -> set[str]:
    return set(OFFER.findall(said))


def elements(said: str) -> set[str]:
    """The names of all the fields that it took for a password, or for a user's name."""
    outputs = " ".join(TAKEN_FOR.findall(said))
    return set(re.findall(r"(?:assword|Username) element :\s+(\w+)", outputs))


def no_pin_is_filled(page: Page) -> None:
    for field in page.locator("main .input--masked").all():
        expect(field).to_have_value("")
        assert not field.evaluate("field => field.matches(':autofill')")


def sign_in(ada: Person) -> None:
    ada.goto("/login/")
    expect(ada.page.locator("main [name=password]:autofill")).to_be_visible()
    ada.give_password()
    ada.give_code()


def use_pins(ada: Person) -> None:
    """Every page that asks for a PIN, with a wrong one too."""
    for pin in (ADA.view_pin, "0000"):
        ada.goto("/wallet/reveal/")
        no_pin_is_filled(ada.page)
        ada.give_view_pin(pin)
    ada.send("@grace", "1.00")
    no_pin_is_filled(ada.page)
    ada.approve()
    ada.send("@grace", "1,000.00")
    no_pin_is_filled(ada.page)
    ada.approve(code=ada.code())


def open_change(ada: Person, what: str) -> None:
    ada.goto(f"/settings/security/{what}/")
    expect(ada.page.locator("main [name=current_password]:autofill")).to_be_visible()
    no_pin_is_filled(ada.page)


def test_it_fills_and_updates_the_password_and_leaves_the_pins_alone(
    profile: BrowserContext, manager: Manager, site: RunningSite
) -> None:
    manager.keep(f"{site.base_url}/login/", ADA.email, ADA.password)
    ada = Person.of_the_demo(profile, site, ADA)
    sign_in(ada)
    use_pins(ada)
    open_change(ada, "pins")
    ada.change_pins(NEW_VIEW_PIN, NEW_PAYMENT_PIN)
    ada.goto("/settings/security/password/")
    said = manager.wait_for("New password element :  password")
    assert elements(said) == {"email", "password", "current_password", "id_username"}
    assert offers(said) == set()
    assert manager.kept() == [[ADA.email, ADA.password]]

    # The log would tell: a changed password it offers to update, and for the right name.
    open_change(ada, "password")
    ada.change_password(NEW_PASSWORD)
    said = manager.wait_for("PENDING_PASSWORD_UPDATE_STATE")
    assert offers(said) == {"PENDING_PASSWORD_UPDATE_STATE"}
    assert "id_username" in elements(said)


def test_it_offers_to_keep_a_newcomers_password_under_their_email_and_none_of_their_pins(
    profile: BrowserContext, manager: Manager
) -> None:
    kim = Person.newcomer(profile, "Kim")
    kim.join()
    said = manager.wait_for("PENDING_PASSWORD_STATE")
    assert elements(said) == {"id_username", "password"}
    kim.enrol()

    kim.sees("Choose your PINs")
    no_pin_is_filled(kim.page)
    manager.news()
    kim.choose_pins()
    kim.is_at("/wallet/")
    kim.sign_out()
    kim.goto("/login/")
    said = manager.wait_for("Password element :  password")
    assert elements(said) == {"email", "password"}
    assert offers(said) == set()
