"""Every secret can be changed, and a forgotten one replaced, in a browser without JavaScript."""

from collections.abc import Callable

from playwright.sync_api import expect

from tests.driver.person import Person

NEW_PASSWORD, NEWEST_PASSWORD = "eleven brass keys under a mat", "forty paper kites over the dunes"
Arrive = Callable[..., Person]


def test_secrets_are_changed_without_javascript(visit: Arrive) -> None:
    erin = visit("Erin", java_script_enabled=False)
    erin.register()
    codes = iter(erin.recovery_codes)
    erin.change_pins("9173", "402817", code=next(codes))
    erin.change_password(NEW_PASSWORD, code=next(codes))
    erin.change_recovery_codes(code=next(codes))
    codes = iter(erin.recovery_codes)
    erin.change_authenticator(code=next(codes))
    assert erin.balance() == "€0.00"
    erin.sign_out()
    erin.sign_in(code=next(codes))
    erin.sees("Hello, Erin")


def test_a_forgotten_password_is_replaced_without_javascript(visit: Arrive) -> None:
    frank = visit("Frank", java_script_enabled=False)
    frank.register()
    frank.sign_out()
    frank.recover(NEWEST_PASSWORD, code=frank.recovery_codes[0])
    frank.sign_in(code=frank.recovery_codes[1])
    frank.sees("Hello, Frank")


def test_the_theme_is_chosen_without_javascript_and_stays(visit: Arrive) -> None:
    page = visit(java_script_enabled=False, color_scheme="light").page
    page.goto("/help/")
    day = page.evaluate("getComputedStyle(document.body).backgroundColor")
    page.get_by_role("button", name="Dark").click()
    expect(page).to_have_url("/help/")
    expect(page.get_by_role("button", name="Dark")).to_have_attribute("aria-pressed", "true")
    page.goto("/login/")
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") != day
    page.get_by_role("button", name="Automatic").click()
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == day
