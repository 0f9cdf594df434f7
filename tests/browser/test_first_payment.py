"""The main job, as two customers and an auditor do it, with and without JavaScript."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from tests.driver.person import Person
from tests.driver.walks.staff import AUDITOR

Arrive = Callable[..., Person]


@pytest.mark.parametrize("javascript", [True, False], ids=["with JavaScript", "without JavaScript"])
def test_money_goes_from_one_customer_to_another_and_staff_see_both_entries(visit: Arrive, javascript: bool) -> None:
    alice, bob = (visit(name, java_script_enabled=javascript) for name in ("Alice", "Bob"))
    alice.register()
    bob.register()
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
    bob.follow("Alice Example")
    assert reference in bob.text() and "lunch by the river" in bob.text()

    transfer_id = re.findall(r"[0-9a-f-]{36}", receipt)[0]
    auditor_sees_two_entries(visit(AUDITOR, java_script_enabled=javascript), transfer_id)


def auditor_sees_two_entries(auditor: Person, transfer_id: str) -> None:
    auditor.sign_in()
    auditor.is_at("/admin/")
    auditor.goto(f"/admin/ledger/entry/?q={transfer_id}")
    rows = auditor.page.locator("#result_list tbody tr")
    expect(rows).to_have_count(2)
    assert {"Debit", "Credit"} <= set(re.findall("Debit|Credit", " ".join(rows.all_inner_texts())))
    assert all("12.34" in text for text in rows.all_inner_texts())
    expect(auditor.page.get_by_role("link", name=re.compile("^(Add|Delete)"))).to_have_count(0)


def test_signing_out_and_in_again_takes_both_factors(visit: Arrive) -> None:
    carol = visit("Carol")
    carol.register()
    carol.sign_out()
    carol.goto("/wallet/")
    carol.sees("Sign in")
    carol.sign_in(password="not my password at all")
    assert "not right" in carol.text()
    carol.sign_in(code=carol.recovery_codes[0])
    carol.is_at("/wallet/")


def test_leaving_half_way_resumes_at_the_step_left(visit: Arrive) -> None:
    dave = visit("Dave")
    dave.join()
    dave.sign_out()
    dave.goto("/login/")
    dave.give_password()
    dave.sees("Set up your authenticator")
