"""What set-up is like on a phone and on a desktop, for somebody who starts there."""

from collections.abc import Callable
from pathlib import Path
from uuid import uuid4

import pytest
from playwright.sync_api import Locator, expect

from tests.browser.visitor import PASSWORD, App, Visitor

Arrive = Callable[..., Visitor]
PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}
TABLET = {"viewport": {"width": 820, "height": 1180}, "has_touch": True, "is_mobile": True}


def begin(visitor: Visitor) -> None:
    tag = uuid4().hex[:6]
    visitor.page.goto("/register/")
    visitor.fill(Email_address=f"lou-{tag}@example.com")
    visitor.press("Send me the link")
    visitor.page.get_by_role("link", name="Open the link").click()
    visitor.page.get_by_label("Full name").fill("Lou Example")
    visitor.page.get_by_label("@handle").fill(f"lou{tag}")
    visitor.fill(Password=PASSWORD)
    visitor.press("Open my wallet")
    visitor.sees("Set up your authenticator")


def top(of: Locator) -> float:
    box = of.bounding_box()
    assert box
    return box["y"]


@pytest.mark.parametrize("device", [PHONE, TABLET], ids=["phone", "tablet"])
def test_on_a_phone_the_app_is_opened_first_and_scanning_comes_second(visit: Arrive, device: dict[str, object]) -> None:
    lou = visit(java_script_enabled=False, **device)
    begin(lou)
    link = lou.page.get_by_role("link", name="Open in app")
    assert (link.get_attribute("href") or "").startswith("otpauth://totp/")
    assert top(link) < top(lou.page.locator(".qr"))
    expect(lou.page.get_by_role("link", name="Open it")).to_be_hidden()


def test_on_a_desktop_it_is_scanned_first_and_codes_are_saved_as_a_file(visit: Arrive, tmp_path: Path) -> None:
    lou = visit(java_script_enabled=False)
    begin(lou)
    qr = lou.page.locator(".qr")
    expect(lou.page.get_by_role("link", name="Open in app")).to_be_hidden()
    assert top(qr) < top(lou.page.get_by_role("link", name="Open it"))

    lou.fill(Code=App.scan(qr).code())
    lou.press("Continue")
    lou.press("Show my codes")
    codes = lou.page.locator(".codes li")
    shown = codes.all_inner_texts()
    with lou.page.expect_download() as download:
        lou.press("Save as a file")
    assert download.value.suggested_filename == "twofold-recovery-codes.txt"
    download.value.save_as(tmp_path / "codes.txt")
    assert [line for line in (tmp_path / "codes.txt").read_text().split("\n") if line in shown] == shown
    # Two columns, each code on one line, and the page is still there to say that they are saved.
    assert len({round(code.bounding_box()["x"]) for code in codes.all()}) == 2  # type: ignore[index]
    assert len({round(code.bounding_box()["height"]) for code in codes.all()}) == 1  # type: ignore[index]
    lou.press("I have saved them")
    lou.sees("Choose your PINs")


def test_codes_are_copied_and_saved_more_than_once(visit: Arrive) -> None:
    lou = visit(permissions=["clipboard-read", "clipboard-write"])
    begin(lou)
    lou.fill(Code=App.scan(lou.page.locator(".qr")).code())
    lou.press("Continue")
    lou.press("Show my codes")
    shown = lou.page.locator(".codes li").all_inner_texts()
    lou.press("Copy")
    assert lou.page.evaluate("navigator.clipboard.readText()").split() == shown
    for _ in range(2):
        with lou.page.expect_download():
            lou.press("Save as a file")
