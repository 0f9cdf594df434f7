"""The session ends while somebody types: with and without JavaScript they find their form again."""

from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from tests.driver.person import Person
from tests.running import RunningSite

TIMES_OVER = """
from datetime import timedelta
from accounts.models import Session
from django.utils import timezone
Session.objects.filter(user__handle="{}").update(last_used_at=timezone.now() - timedelta(seconds=301))
"""


@pytest.mark.parametrize("script", [False, True], ids=["without script", "with script"])
def test_what_was_typed_is_there_again_after_signing_in(
    visit: Callable[..., Person], site: RunningSite, script: bool
) -> None:
    tilda = visit("Tilda", java_script_enabled=script)
    page = tilda.page
    tilda.register()
    if script:
        page.clock.install()
    tilda.goto("/send/")
    tilda.fill({"Who to pay": "@ada_l", "Amount": "12.34", "Note (optional)": "für die Boote & mehr"})
    site.shell(TIMES_OVER.format(tilda.handle))
    if script:
        page.clock.fast_forward(240_000)
        dialog = page.get_by_role("dialog", name="You are signed out")
        expect(dialog).to_contain_text("as you left it. Nothing was sent")
        dialog.get_by_role("link", name="Sign in again").click()
    else:
        tilda.press("Continue")
    expect(page.get_by_role("status").first).to_contain_text("Nothing was done yet")
    tilda.give_password()
    tilda.give_code()
    tilda.is_at("/send/")
    expect(tilda.field("Who to pay")).to_have_value("@ada_l")
    expect(tilda.field("Amount")).to_have_value("12.34")
    expect(tilda.field("Note (optional)")).to_have_value("für die Boote & mehr")


@pytest.mark.parametrize("script", [False, True], ids=["without script", "with script"])
def test_a_tab_from_before_another_sign_in_comes_back_filled(visit: Callable[..., Person], script: bool) -> None:
    tab = visit("Tab", java_script_enabled=script)
    tab.register()
    page = tab.page
    tab.goto("/send/")
    tab.fill({"Who to pay": "@nobody_of_this_name", "Amount": "1.00"})
    tab.page = tab.context.new_page()
    tab.goto("/wallet/")
    tab.sign_out()
    tab.sign_in()
    tab.is_at("/wallet/")
    page.get_by_role("button", name="Continue").click()
    expect(page.get_by_role("status").first).to_contain_text("check it and send it again")
    expect(page.get_by_label("Who to pay")).to_have_value("@nobody_of_this_name")
    page.get_by_role("button", name="Continue").click()
    expect(page.locator(".error-summary")).to_contain_text("can’t find anyone")
