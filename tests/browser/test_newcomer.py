"""What set-up is like on a phone and on a desktop, for somebody who starts there."""

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Locator, expect

from tests.driver.person import Person

Arrive = Callable[..., Person]
PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}
TABLET = {"viewport": {"width": 820, "height": 1180}, "has_touch": True, "is_mobile": True}


def top(of: Locator) -> float:
    box = of.bounding_box()
    assert box
    return box["y"]


@pytest.mark.parametrize("device", [PHONE, TABLET], ids=["phone", "tablet"])
def test_on_a_phone_the_app_is_opened_first_and_scanning_comes_second(visit: Arrive, device: dict[str, object]) -> None:
    lou = visit("Lou", java_script_enabled=False, **device)
    lou.join()
    link = lou.page.get_by_role("link", name="Open in app")
    assert (link.get_attribute("href") or "").startswith("otpauth://totp/")
    assert top(link) < top(lou.page.locator(".qr"))
    expect(lou.page.get_by_role("link", name="Open it")).to_be_hidden()


def test_on_a_desktop_it_is_scanned_first_and_codes_are_saved_as_a_file(visit: Arrive, tmp_path: Path) -> None:
    lou = visit("Lou", java_script_enabled=False)
    lou.join()
    qr = lou.page.locator(".qr")
    expect(lou.page.get_by_role("link", name="Open in app")).to_be_hidden()
    assert top(qr) < top(lou.page.get_by_role("link", name="Open it"))

    lou.scan()
    lou.confirm_app(lou.code())
    lou.press("Show my codes")
    codes = lou.page.locator(".codes li")
    shown = codes.all_inner_texts()
    with lou.page.expect_download() as download:
        lou.click("Save as a file")
    assert download.value.suggested_filename == "twofold-recovery-codes.txt"
    download.value.save_as(tmp_path / "codes.txt")
    assert [line for line in (tmp_path / "codes.txt").read_text().split("\n") if line in shown] == shown
    # Two columns, each code on one line, and the page is still there to say that they are saved.
    assert len({round(code.bounding_box()["x"]) for code in codes.all()}) == 2  # type: ignore[index]
    assert len({round(code.bounding_box()["height"]) for code in codes.all()}) == 1  # type: ignore[index]
    lou.press("I have saved them")
    lou.sees("Choose your PINs")


def test_codes_are_copied_and_saved_more_than_once(visit: Arrive) -> None:
    lou = visit("Lou", permissions=["clipboard-read", "clipboard-write"])
    lou.join()
    lou.scan()
    lou.confirm_app(lou.code())
    lou.press("Show my codes")
    shown = lou.page.locator(".codes li").all_inner_texts()
    lou.click("Copy")
    assert lou.page.evaluate("navigator.clipboard.readText()").split() == shown
    for _ in range(2):
        with lou.page.expect_download():
            lou.click("Save as a file")
