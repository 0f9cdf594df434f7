"""Signing in, looking, paying, and changing secrets."""

from tests.driver.inspection import Inspector
from tests.driver.person import Person
from wallet_site.demo import SIGN_INS

ADA = SIGN_INS[0]
EXPIRED_PAYMENT = f"""
from datetime import timedelta
from django.utils import timezone
from ledger.models import Account
from payments.models import Payment
account = {{account.owner.handle: account for account in Account.objects.exclude(owner=None)}}
made = timezone.now() - timedelta(hours=1)
payment = Payment.objects.create(
    payer=account["{ADA.handle}"].owner, payer_account=account["{ADA.handle}"], payee_account=account["grace"],
    amount=1234, currency=account["grace"].currency, created_at=made, expires_at=made + timedelta(minutes=10),
)
print(payment.id)
"""


def customer(inspector: Inspector) -> None:
    with inspector.window(ADA) as ada:
        sign_in(ada, inspector)
        masked(ada, inspector)
        pay(ada, inspector)
        revealed(ada, inspector)
        own_settings(ada, inspector)
        change_secrets(ada, inspector)


def sign_in(ada: Person, inspector: Inspector) -> None:
    ada.goto("/login/")
    inspector.take(ada, "login")
    ada.press("Continue")
    inspector.take(ada, "login-wrong")
    ada.give_password()
    inspector.take(ada, "login-code")
    ada.follow("Use a recovery code instead")
    inspector.take(ada, "login-recovery-code")
    ada.follow("Use its code instead")
    ada.give_code("000000")
    inspector.take(ada, "login-code-wrong")
    ada.give_code()


def masked(ada: Person, inspector: Inspector) -> None:
    pages = {
        "wallet-masked": "/wallet/",
        "activity-masked": "/activity/",
        "activity-found": "/activity/?q=electricity",
        "activity-nothing": "/activity/?q=submarine",
        "activity-wrong": "/activity/?q=rent&min=1,234&from=2020-02-30",
        "tags-none": "/activity/tags/",
        "payees": "/payees/",
        "notices": "/notices/",
        "notice-settings": "/settings/notices/",
        "payees-nobody": "/payees/?q=submarine",
        "settings": "/settings/",
        "security": "/settings/security/",
        "sessions": "/settings/sessions/",
        "error-404-signed-in": "/no-such-page/",
        "reveal": "/wallet/reveal/",
    }
    for name, path in pages.items():
        ada.goto(path)
        inspector.take(ada, name)
    ada.give_view_pin("0000")
    inspector.take(ada, "reveal-wrong")


def pay(ada: Person, inspector: Inspector) -> None:
    ada.goto("/send/")
    inspector.take(ada, "send")
    ada.leave_by(ada.page.locator(".payee__more").first)
    ada.page.locator("[name=nickname]").fill("Baker")
    ada.page.get_by_label("Keep at the top").check()
    ada.press("Save")
    inspector.take(ada, "payee")
    ada.goto("/send/")
    ada.leave_by(ada.page.get_by_role("link", name="Baker").first)
    inspector.take(ada, "send-to-payee")
    ada.send("@nobody_here", "1e3", "x" * 300)
    inspector.take(ada, "send-wrong")
    ada.send("@noor", "1,000,000.00")
    inspector.take(ada, "send-check-code")
    ada.approve(code="000000")
    inspector.take(ada, "send-check-code-wrong")
    ada.approve()
    inspector.take(ada, "send-too-much")
    ada.goto(ada.page.url.replace("/check/", "/done/"))
    inspector.take(ada, "send-checking")
    ada.goto(f"/send/{inspector.site.shell(EXPIRED_PAYMENT).strip()}/check/")
    inspector.take(ada, "send-expired")
    ada.send("@grace", "12.34", "Lunch at the harbour")
    inspector.take(ada, "send-check")
    ada.approve(pin="111111")
    inspector.take(ada, "send-check-wrong")
    ada.approve()
    inspector.take(ada, "send-done")


def revealed(ada: Person, inspector: Inspector) -> None:
    ada.reveal()
    inspector.take(ada, "wallet")
    ada.goto("/activity/")
    inspector.take(ada, "activity")
    rows = ada.page.locator(".activity__row", has=ada.page.locator(".amount--in"))
    ada.leave_by(rows.first.get_by_role("link"))
    inspector.take(ada, "activity-detail")
    ada.page.locator("[name=tag]").fill("Household")
    ada.press("Save")
    inspector.take(ada, "activity-detail-tagged")
    ada.leave_by(ada.page.get_by_role("link", name="Sums a month"))
    inspector.take(ada, "tags")
    inspector.site.manage("work", "--once")
    ada.goto("/statements/")
    inspector.take(ada, "statements")
    ada.leave_by(ada.page.locator(".statements__name").first)
    inspector.take(ada, "statement")
    ada.goto("/statements/")
    ada.page.locator("[name=first_day]").fill("2020-01-01")
    ada.page.locator("[name=last_day]").fill("2999-01-01")
    ada.press("Make the statement")
    inspector.take(ada, "statements-wrong")
    ada.page.evaluate("document.getElementById('session-warning').showModal()")
    inspector.take(ada, "session-warning")


def own_settings(ada: Person, inspector: Inspector) -> None:
    """What a customer may change about themselves, and what is held about them."""
    pages = {
        "change-email": ("/settings/email/", "Send both links"),
        "change-name": ("/settings/name/", "Ask for this name"),
        "own-data": ("/settings/data/", "Put my data together"),
    }
    for name, (address, button) in pages.items():
        ada.goto(address)
        inspector.take(ada, name)
        ada.press(button)
        inspector.take(ada, f"{name}-wrong")
    ada.goto("/settings/region/")
    inspector.take(ada, "region")
    ada.goto("/email/no-such-link/")
    inspector.take(ada, "email-link-expired")


def change_secrets(ada: Person, inspector: Inspector) -> None:
    pages = {
        "change-password": "Change my password",
        "change-pins": "Change my PINs",
        "change-recovery": "Show my new codes",
        "change-authenticator": "Continue",
    }
    for name, button in pages.items():
        ada.goto(f"/settings/security/{name.removeprefix('change-')}/")
        inspector.take(ada, name)
        ada.press(button)
        inspector.take(ada, f"{name}-wrong")
    ada.prove("Continue")
    inspector.take(ada, "new-authenticator")
