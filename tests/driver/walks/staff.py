"""What staff read."""

import re

from tests.driver.inspection import Inspector
from tests.driver.person import Person
from wallet_site.demo import SIGN_INS

AUDITOR = next(person for person in SIGN_INS if person.is_staff)


def staff(inspector: Inspector) -> None:
    """The list of each model that staff may read, and one of what it lists."""
    with inspector.window(AUDITOR) as auditor:
        auditor.sign_in()
        auditor.is_at("/admin/")
        inspector.take(auditor, "admin")
        lists = auditor.page.locator("#content-main [class^=model-] th a").evaluate_all(
            "links => links.map(link => link.pathname)"
        )
        rows = auditor.page.locator("#result_list tbody tr")
        for path in lists:
            name = f"admin-{path.strip('/').split('/')[-1]}"
            auditor.goto(path)
            take_list(auditor, inspector, f"{name}-list")
            if rows.count():
                auditor.leave_by(rows.first.get_by_role("link").first)
                inspector.take(auditor, name)
        auditor.goto("/admin/ledger/account/?q=@Ada")
        auditor.leave_by(rows.get_by_role("link").first)
        auditor.leave_by(auditor.page.get_by_role("link", name=re.compile("[0-9]+ entries")))
        take_list(auditor, inspector, "admin-account-entries")
        auditor.goto(f"{lists[0]}?q=nothing+like+this")
        inspector.take(auditor, "admin-list-empty")
        auditor.goto(f"{lists[0]}add/")
        inspector.take(auditor, "error-403")


def take_list(auditor: Person, inspector: Inspector, name: str) -> None:
    inspector.take(auditor, name)
    inspector.measure_list(auditor.page, name)
