"""The session ends while somebody types: with and without JavaScript they find their form again."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from tests.browser.visitor import PASSWORD, Visitor
from tests.browser.walk import shell
from tests.running import RunningSite

TIMES_OVER = """
from datetime import timedelta
from accounts.models import Session
from django.utils import timezone
Session.objects.filter(user__handle="{}").update(last_used_at=timezone.now() - timedelta(seconds=301))
"""


@pytest.mark.parametrize("script", [False, True], ids=["without script", "with script"])
def test_what_was_typed_is_there_again_after_signing_in(
    visit: Callable[..., Visitor], site: RunningSite, script: bool
) -> None:
    handle = f"typist_{int(script)}"
    visitor = visit(java_script_enabled=script)
    page = visitor.page
    visitor.register(f"{handle}@example.com", "Tilda Typist", handle)
    if script:
        page.clock.install()
    page.goto("/send/")
    page.get_by_label("Who to pay").fill("@ada_l")
    page.get_by_label("Amount").fill("12.34")
    page.get_by_label("Note (optional)").fill("für die Boote & mehr")
    shell(site, TIMES_OVER.format(handle))
    if script:
        page.clock.fast_forward(240_000)
        dialog = page.get_by_role("dialog", name="You are signed out")
        expect(dialog).to_contain_text("as you left it. Nothing was sent")
        dialog.get_by_role("link", name="Sign in again").click()
    else:
        visitor.press("Continue")
    expect(page.get_by_role("status").first).to_contain_text("Nothing was done yet")
    visitor.fill(Email_address=visitor.email, Password=PASSWORD)
    visitor.press("Continue")
    visitor.fill(Code=visitor.app.code())
    visitor.press("Sign in")
    expect(page).to_have_url(re.compile("/send/$"))
    expect(page.get_by_label("Who to pay")).to_have_value("@ada_l")
    expect(page.get_by_label("Amount")).to_have_value("12.34")
    expect(page.get_by_label("Note (optional)")).to_have_value("für die Boote & mehr")


@pytest.mark.parametrize("script", [False, True], ids=["without script", "with script"])
def test_a_tab_from_before_another_sign_in_comes_back_filled(visit: Callable[..., Visitor], script: bool) -> None:
    handle = f"tabber_{int(script)}"
    visitor = visit(java_script_enabled=script)
    visitor.register(f"{handle}@example.com", "Tab Tabber", handle)
    page = visitor.page
    page.goto("/send/")
    page.get_by_label("Who to pay").fill("@nobody_of_this_name")
    page.get_by_label("Amount").fill("1.00")
    visitor.page = visitor.context.new_page()
    visitor.page.goto("/wallet/")
    visitor.sign_out()
    visitor.sign_in(visitor.email, PASSWORD, visitor.app.code())
    expect(visitor.page).to_have_url(re.compile("/wallet/$"))
    page.get_by_role("button", name="Continue").click()
    expect(page.get_by_role("status").first).to_contain_text("check it and send it again")
    expect(page.get_by_label("Who to pay")).to_have_value("@nobody_of_this_name")
    page.get_by_role("button", name="Continue").click()
    expect(page.locator(".error-summary")).to_contain_text("can’t find anyone")
