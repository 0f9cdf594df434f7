"""The main job, as two customers and an auditor do it, with and without JavaScript."""

import re
from collections.abc import Callable
from uuid import uuid4

import pytest
from playwright.sync_api import expect

from tests.browser.visitor import PASSWORD, Visitor
from tests.browser.walk import AUDITOR, code_of
from tests.running import RunningSite

Arrive = Callable[..., Visitor]


def somebody(visitor: Visitor, name: str) -> Visitor:
    tag = uuid4().hex[:6]
    visitor.register(f"{name.lower()}-{tag}@example.com", f"{name} Example", f"{name.lower()}{tag}")
    return visitor


@pytest.mark.parametrize("javascript", [True, False], ids=["with JavaScript", "without JavaScript"])
def test_money_goes_from_one_customer_to_another_and_staff_see_both_entries(
    visit: Arrive, site: RunningSite, javascript: bool
) -> None:
    alice = somebody(visit(java_script_enabled=javascript), "Alice")
    bob = somebody(visit(java_script_enabled=javascript), "Bob")
    assert len(set(alice.recovery_codes)) == 10

    alice.press("Take €100.00 of demo money")
    assert "100.00" not in alice.page.locator(".balance").inner_text()
    alice.send(f"@{bob.handle}", "12.34", "lunch by the river")
    assert "Bob Example" in alice.text()
    alice.approve()
    alice.sees("Payment sent")
    receipt = alice.page.url
    reference = alice.page.locator(".reference").inner_text()

    assert alice.balance() == "€87.66"
    assert bob.balance() == "€12.34"
    assert alice.activity()[0] == ("Bob Example", "−€12.34")
    assert bob.activity()[0] == ("Alice Example", "+€12.34")
    bob.page.get_by_role("link", name="Alice Example").click()
    assert reference in bob.text() and "lunch by the river" in bob.text()

    transfer_id = re.findall(r"[0-9a-f-]{36}", receipt)[0]
    auditor_sees_two_entries(visit(java_script_enabled=javascript), site, transfer_id)


def auditor_sees_two_entries(auditor: Visitor, site: RunningSite, transfer_id: str) -> None:
    auditor.sign_in(AUDITOR.email, AUDITOR.password, code_of(site, AUDITOR))
    expect(auditor.page).to_have_url(re.compile("/admin/"))
    auditor.page.goto(f"/admin/ledger/entry/?q={transfer_id}")
    rows = auditor.page.locator("#result_list tbody tr")
    expect(rows).to_have_count(2)
    assert {"Debit", "Credit"} <= set(re.findall("Debit|Credit", " ".join(rows.all_inner_texts())))
    assert all("12.34" in text for text in rows.all_inner_texts())
    expect(auditor.page.get_by_role("link", name=re.compile("^(Add|Delete)"))).to_have_count(0)


def test_signing_out_and_in_again_takes_both_factors(visit: Arrive) -> None:
    carol = somebody(visit(), "Carol")
    carol.sign_out()
    carol.page.goto("/wallet/")
    carol.sees("Sign in")
    carol.sign_in(carol.email, "not my password at all", carol.app.code())
    assert "not right" in carol.text()
    carol.sign_in(carol.email, PASSWORD, carol.recovery_codes[0])
    expect(carol.page).to_have_url(re.compile("/wallet/$"))


def test_leaving_half_way_resumes_at_the_step_left(visit: Arrive) -> None:
    dave = visit()
    tag = uuid4().hex[:6]
    dave.page.goto("/register/")
    dave.fill(Email_address=f"dave-{tag}@example.com")
    dave.press("Send me the link")
    dave.page.get_by_role("link", name="Open the link").click()
    dave.page.get_by_label("Full name").fill("Dave Example")
    dave.page.get_by_label("@handle").fill(f"dave{tag}")
    dave.fill(Password=PASSWORD)
    dave.press("Open my wallet")
    dave.sees("Set up your authenticator")
    dave.press("Sign out")
    dave.page.goto("/login/")
    dave.fill(Email_address=f"dave-{tag}@example.com", Password=PASSWORD)
    dave.press("Continue")
    dave.sees("Set up your authenticator")
