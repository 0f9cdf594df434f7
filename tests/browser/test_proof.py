"""A receipt's proof, from the payer's page to a stranger's."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.driver.person import Person
from tests.running import RunningSite

Arrive = Callable[..., Person]


@pytest.mark.parametrize("javascript", [True, False], ids=["with JavaScript", "without JavaScript"])
def test_a_stranger_checks_what_a_payer_shows(visit: Arrive, site: RunningSite, javascript: bool) -> None:
    alice, bob = (visit(name, java_script_enabled=javascript) for name in ("Alice", "Bob"))
    alice.register()
    bob.register()
    alice.press("Take €100.00 of demo money")
    alice.send(f"@{bob.handle}", "12.34", "lunch by the river")
    alice.approve()
    alice.sees("Payment sent")
    site.manage("checkpoint", site.data_dir / f"{alice.handle}.checkpoint")
    alice.page.reload()
    alice.page.get_by_text("Proof for somebody else").click()
    code = alice.page.get_by_role("img", name="QR code with the same proof as the file")
    expect(code).to_be_visible()
    assert code.evaluate("picture => picture.decode().then(() => picture.naturalWidth)") > 0
    with alice.page.expect_download() as download:
        alice.page.get_by_role("link", name="Download proof.json").click()
    proof = Path(download.value.path()).read_text(encoding="utf-8")

    stranger = visit(java_script_enabled=javascript)
    stranger.page.goto("/verify/")
    for text, said in ((proof, "This receipt is right"), (changed(proof), "This is not right")):
        stranger.page.get_by_label("Proof", exact=True).fill(text)
        stranger.page.get_by_role("button", name="Check it").click()
        expect(stranger.page.get_by_role("heading", name=said)).to_be_visible()
    expect(stranger.page.get_by_text("transfer.memo", exact=True)).to_be_visible()


def changed(proof: str) -> str:
    document = json.loads(proof)
    document["transfer"]["memo"] = "dinner by the river"
    return json.dumps(document)
