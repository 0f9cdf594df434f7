"""Every secret can be changed, and a forgotten one replaced, in a browser without JavaScript."""

from collections.abc import Callable
from uuid import uuid4

from playwright.sync_api import expect

from tests.browser.visitor import PASSWORD, Visitor

NEW_PASSWORD, NEWEST_PASSWORD = "eleven brass keys under a mat", "forty paper kites over the dunes"
Arrive = Callable[..., Visitor]


def newcomer(visitor: Visitor, name: str) -> Visitor:
    tag = uuid4().hex[:6]
    visitor.register(f"{name}-{tag}@example.com", f"{name} Example", f"{name}{tag}")
    return visitor


def test_secrets_are_changed_without_javascript(visit: Arrive) -> None:
    erin = newcomer(visit(java_script_enabled=False), "Erin")
    codes = iter(erin.recovery_codes)

    erin.page.goto("/settings/security/pins/")
    erin.fill(Current_password=PASSWORD, Code=next(codes), View_PIN="9173", Payment_PIN="402817")
    erin.press("Change my PINs")
    assert "Your PINs are changed" in erin.text()

    erin.page.goto("/settings/security/password/")
    erin.fill(New_password=NEW_PASSWORD, Current_password=PASSWORD, Code=next(codes))
    erin.press("Change my password")
    assert "Your password is changed" in erin.text()

    erin.page.goto("/settings/security/recovery/")
    erin.fill(Current_password=NEW_PASSWORD, Code=next(codes))
    erin.press("Show my new codes")
    codes = iter(erin.page.locator(".codes li").all_inner_texts())
    erin.page.get_by_role("link", name="I have saved them").click()

    erin.page.goto("/settings/security/authenticator/")
    erin.fill(Current_password=NEW_PASSWORD, Code=next(codes))
    erin.press("Continue")
    erin.app = erin.app.scan(erin.page.locator(".qr"))
    erin.fill(Code=erin.app.code())
    erin.press("Continue")
    assert "Your new authenticator is set up" in erin.text()

    erin.page.goto("/wallet/")
    erin.fill(View_PIN="9173")
    erin.press("Show balance")
    assert "€0.00" in erin.page.locator(".balance").inner_text()
    erin.sign_out()
    erin.sign_in(erin.email, NEW_PASSWORD, next(codes))
    erin.sees("Hello, Erin")


def test_a_forgotten_password_is_replaced_without_javascript(visit: Arrive) -> None:
    frank = newcomer(visit(java_script_enabled=False), "Frank")
    frank.sign_out()
    frank.page.goto("/login/")
    frank.page.get_by_role("link", name="I have forgotten my password").click()
    frank.fill(Email_address=frank.email)
    frank.press("Send me the link")
    frank.page.get_by_role("link", name="Open the link").click()
    frank.fill(New_password=NEWEST_PASSWORD, Code=frank.recovery_codes[0])
    frank.press("Change my password")
    assert "Your password is changed" in frank.text()
    frank.sign_in(frank.email, NEWEST_PASSWORD, frank.recovery_codes[1])
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
