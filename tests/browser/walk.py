"""The walk past every page, for whoever wants to look at them all: the tests, and the pictures of `make shots`.

Each of the four walks starts in a fresh browser window and needs nothing of the others; all need a demo site.
"""

import json
import re
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Literal

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Locator, Page, expect

from tests.browser.complaints import listen
from tests.browser.visitor import App
from tests.running import RunningSite
from wallet_site.demo import SIGN_INS, SignIn

Size = Literal["desktop", "phone"]
Scheme = Literal["light", "dark"]
SIZES: Mapping[Size, tuple[int, int]] = {"desktop": (1280, 800), "phone": (390, 844)}
# A small phone, and a desktop's window of 1280 by 1024 at 400 % zoom.
NARROW_HEIGHTS = (640, 256)
NARROW = 320  # CSS pixels, WCAG 2.2 SC 1.4.10
# The one rule of WCAG 2.2 AA comes switched off. Without "preload" axe does not try to put imported stylesheets into
# the page, which the policy rightly refuses.
AXE = "{resultTypes: ['violations'], preload: false, rules: {'target-size': {enabled: true}}}"

# What can only be seen by scrolling sideways: of the page, and of a field outside its card.
BESIDE = """() => {
    const wide = document.documentElement.scrollWidth, screen = document.documentElement.clientWidth;
    const end = (element) => element.getBoundingClientRect().right;
    const out = [...document.querySelectorAll("main :is(input, button, .button, .codes li, .amount)")]
        .filter((inner) => inner.offsetParent && !inner.closest(".visually-hidden, .table-scroll"))
        .filter((inner) => end(inner) > end(inner.closest(".card, main")) + 0.5)
        .map((inner) => `${inner.name || inner.textContent.trim()} leaves its card`);
    return wide > screen ? [`${wide} pixels wide`, ...out] : out;
}"""
HIDDEN_OF_LIST = """() => {
    const box = document.getElementById("result_list")?.parentElement;
    return box ? box.scrollWidth - box.clientWidth : 0;
}"""

ADA, AUDITOR = SIGN_INS[0], next(person for person in SIGN_INS if person.is_staff)
NEWCOMER = "Maria-Magdalena Wolfeschlegelsteinhausenbergerdorff"
NEWCOMER_EMAIL = "maria.magdalena.wolfeschlegelsteinhausen@example.com"
PASSWORD = "seven lamps over the canal"
VIEW_PIN, PAYMENT_PIN = "4826", "739154"
WAIT = 15_000  # milliseconds

# Pages that no click leads to: each is made by the function that would answer with it.
RARE_PAGES = """
import json
from django.contrib.auth.models import AnonymousUser
from django.shortcuts import render
from django.test import RequestFactory
from wallet_site import errors
request = RequestFactory().get("/")
request.user = AnonymousUser()
pages = {
    "error-500": errors.server_error(request),
    "error-503": errors.unavailable(request),
    "too-many": render(request, "accounts/too_many.html", status=429),
}
print(json.dumps({name: [page.status_code, page.content.decode()] for name, page in pages.items()}))
"""
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


class Inspector:
    """Looks at pages as they stand, and notes in `faults` what is wrong with them."""

    schemes: tuple[Scheme, ...] = ("light",)

    def __init__(self, browser: Browser, site: RunningSite) -> None:
        self.browser, self.site = browser, site
        self.axe = Axe()
        self.faults: list[str] = []
        self.seen: list[str] = []

    @contextmanager
    def window(self) -> Iterator[Page]:
        """Of a browser of its own, whose complaints are faults too."""
        context = self.browser.new_context(
            base_url=self.site.base_url,
            locale="en-GB",
            timezone_id="UTC",
            color_scheme="light",
            reduced_motion="reduce",
        )
        context.set_default_timeout(WAIT)
        complaints = listen(context, self.site.base_url)
        yield context.new_page()
        context.close()
        self.faults += complaints

    def take(self, page: Page, name: str) -> None:
        """The page as it stands, in all combinations, without loading it again."""
        self.seen.append(name)
        for size in SIZES:
            resize(page, *SIZES[size])
            for scheme in self.schemes:
                self.look(page, name, size, scheme)
        self.measure(page, name)

    def measure(self, page: Page, name: str) -> None:
        """Nothing is beside a small screen, nor beside its card or screen in text of twice the size (WCAG 1.4.4)."""
        for width, height in (*((NARROW, height) for height in NARROW_HEIGHTS), SIZES["phone"]):
            resize(page, width, height)
            self.faults += [f"{name}, {width} by {height}: {fault}" for fault in page.evaluate(BESIDE)]
        with large_text(page):
            for width, height in ((NARROW, NARROW_HEIGHTS[0]), SIZES["phone"], SIZES["desktop"]):
                resize(page, width, height)
                self.faults += [f"{name}, large text, {width}: {fault}" for fault in page.evaluate(BESIDE)]
        resize(page, *SIZES["desktop"])

    def measure_list(self, page: Page, name: str) -> None:
        """Each of its columns is on a desktop's screen."""
        if hidden := page.evaluate(HIDDEN_OF_LIST):
            self.faults.append(f"{name}: {hidden} pixels of the list are beside a screen of {SIZES['desktop'][0]}")

    def look(self, page: Page, name: str, size: Size, scheme: Scheme) -> None:
        if not page.evaluate("'axe' in window"):
            page.evaluate(self.axe.axe_script)
        # Naming the elements takes axe as long as finding them: that is for when there is something to name.
        if not page.evaluate(f"axe.run({{...{AXE}, selectors: false}}).then(found => found.violations.length)"):
            return
        for violation in page.evaluate(f"axe.run({AXE}).then(found => found.violations)"):
            targets = ", ".join(str(node["target"][0]) for node in violation["nodes"][:3])
            self.faults.append(f"{name} ({size}, {scheme}): {violation['id']}: {violation['help']} ({targets})")


@contextmanager
def large_text(page: Page) -> Iterator[None]:
    """As with the browser's own setting for the size of text."""
    session = page.context.new_cdp_session(page)
    session.send("Page.setFontSizes", {"fontSizes": {"standard": 32, "fixed": 26}})
    try:
        yield
    finally:
        session.send("Page.setFontSizes", {"fontSizes": {"standard": 16, "fixed": 13}})
        session.detach()


def resize(page: Page, width: int, height: int) -> None:
    page.set_viewport_size({"width": width, "height": height})


def fill(page: Page, **values: str) -> None:
    for name, value in values.items():
        page.locator(f"main [name={name}]").fill(value)


def send(page: Page, button: str) -> None:
    follow(page.locator("main").get_by_role("button", name=button))


def follow(clickable: Locator) -> None:
    with clickable.page.expect_navigation():
        clickable.click()


def code_of(site: RunningSite, who: SignIn) -> str:
    """Their authenticator's code. Waits for one that is good already, when they have just used two."""
    code, seconds_left = site.manage("totp", who.email).split("(")
    time.sleep(max(0, int(seconds_left.split()[0]) - 60))
    return code.strip()


def shell(site: RunningSite, script: str) -> str:
    """What the script printed, run beside the site with its settings."""
    return site.manage("shell", "--no-imports", "-c", script)


# Whoever comes by


def public_pages(inspector: Inspector) -> None:
    with inspector.window() as page:
        pages = {"landing": "/", "help": "/help/", "styleguide": "/styleguide/", "link-expired": "/join/no-such-link/"}
        for name, address in pages.items():
            page.goto(address)
            inspector.take(page, name)
        forgotten_password(page, inspector)
        error_pages(page, inspector)


def forgotten_password(page: Page, inspector: Inspector) -> None:
    page.goto("/recover/")
    inspector.take(page, "recover")
    fill(page, email=ADA.email)
    send(page, "Send me the link")
    inspector.take(page, "recover-sent")
    follow(page.get_by_role("link", name="Open the link"))
    inspector.take(page, "reset")
    send(page, "Change my password")
    inspector.take(page, "reset-wrong")


def error_pages(page: Page, inspector: Inspector) -> None:
    page.goto("/no-such-page/")
    inspector.take(page, "error-404")
    page.goto("/login/")
    page.evaluate("document.querySelector('main [name=csrfmiddlewaretoken]').value = 'old'")
    fill(page, email=ADA.email, password="x")
    send(page, "Continue")
    inspector.take(page, "error-csrf")
    page.goto("/login/")
    fill(page, email=ADA.email, password="much too long " * 30_000)
    send(page, "Continue")
    inspector.take(page, "error-400")
    for name, (status, body) in json.loads(shell(inspector.site, RARE_PAGES)).items():
        answer(page, f"/{name}/", status, body)
        page.goto(f"/{name}/")
        inspector.take(page, name)


def answer(page: Page, address: str, status: int, body: str) -> None:
    page.route(f"**{address}", lambda route: route.fulfill(status=status, body=body, content_type="text/html"))


# A newcomer


def newcomer(inspector: Inspector) -> None:
    """With a name as long as they come, from the email address to the first money."""
    with inspector.window() as page:
        join(page, inspector)
        set_up(page, inspector)
        inspector.take(page, "wallet-empty")
        page.goto("/activity/")
        inspector.take(page, "activity-empty")
        page.goto("/wallet/")
        send(page, "demo money")
        inspector.take(page, "wallet-first-money")


def join(page: Page, inspector: Inspector) -> None:
    page.goto("/register/")
    inspector.take(page, "register")
    fill(page, email="maria at example")
    send(page, "Send me the link")
    inspector.take(page, "register-wrong")
    fill(page, email=NEWCOMER_EMAIL)
    send(page, "Send me the link")
    inspector.take(page, "register-sent")
    follow(page.get_by_role("link", name="Open the link"))
    inspector.take(page, "join")
    fill(page, full_name="", handle="ada", password="short")
    send(page, "Open my wallet")
    inspector.take(page, "join-wrong")
    fill(page, full_name=NEWCOMER, handle="maria_magdalena", password=PASSWORD)
    send(page, "Open my wallet")


def set_up(page: Page, inspector: Inspector) -> None:
    inspector.take(page, "setup-totp")
    fill(page, code="000000")
    send(page, "Continue")
    inspector.take(page, "setup-totp-wrong")
    fill(page, code=App.scan(page.locator(".qr")).code())
    send(page, "Continue")
    inspector.take(page, "setup-recovery")
    send(page, "Show my codes")
    inspector.take(page, "setup-recovery-codes")
    send(page, "I have saved them")
    inspector.take(page, "setup-pins")
    fill(page, view_pin="1234", payment_pin="12")
    send(page, "Finish")
    inspector.take(page, "setup-pins-wrong")
    fill(page, view_pin=VIEW_PIN, payment_pin=PAYMENT_PIN)
    send(page, "Finish")


# A customer


def customer(inspector: Inspector) -> None:
    with inspector.window() as page:
        page.goto("/login/")
        inspector.take(page, "login")
        send(page, "Continue")
        inspector.take(page, "login-wrong")
        fill(page, email=ADA.email, password=ADA.password)
        send(page, "Continue")
        inspector.take(page, "login-code")
        follow(page.get_by_role("link", name="Use a recovery code instead"))
        inspector.take(page, "login-recovery-code")
        follow(page.get_by_role("link", name="Use its code instead"))
        fill(page, code="000000")
        send(page, "Sign in")
        inspector.take(page, "login-code-wrong")
        fill(page, code=code_of(inspector.site, ADA))
        send(page, "Sign in")
        masked(page, inspector)
        pay(page, inspector)
        revealed(page, inspector)
        change_secrets(page, inspector)


def masked(page: Page, inspector: Inspector) -> None:
    pages = {
        "wallet-masked": "/wallet/",
        "activity-masked": "/activity/",
        "settings": "/settings/",
        "security": "/settings/security/",
        "sessions": "/settings/sessions/",
        "error-404-signed-in": "/no-such-page/",
        "reveal": "/wallet/reveal/",
        "notices": "/notices/",
        "notice-settings": "/settings/notices/",
    }
    for name, path in pages.items():
        page.goto(path)
        inspector.take(page, name)
    fill(page, pin="0000")
    send(page, "Show balance")
    inspector.take(page, "reveal-wrong")


def pay(page: Page, inspector: Inspector) -> None:
    page.goto("/send/")
    inspector.take(page, "send")
    fill(page, payee="@nobody_here", amount="1e3", note="x" * 300)
    send(page, "Continue")
    inspector.take(page, "send-wrong")
    fill(page, payee="@noor", amount="1,000,000.00", note="")
    send(page, "Continue")
    inspector.take(page, "send-check-code")
    fill(page, pin=ADA.payment_pin, code="000000")
    send(page, "Send")
    inspector.take(page, "send-check-code-wrong")
    fill(page, pin=ADA.payment_pin, code=code_of(inspector.site, ADA))
    send(page, "Send")
    inspector.take(page, "send-too-much")
    page.goto(page.url.replace("/check/", "/done/"))
    inspector.take(page, "send-checking")
    page.goto(f"/send/{shell(inspector.site, EXPIRED_PAYMENT).strip()}/check/")
    inspector.take(page, "send-expired")
    page.goto("/send/")
    fill(page, payee="@grace", amount="12.34", note="Lunch at the harbour")
    send(page, "Continue")
    inspector.take(page, "send-check")
    fill(page, pin="111111")
    send(page, "Send")
    inspector.take(page, "send-check-wrong")
    fill(page, pin=ADA.payment_pin)
    send(page, "Send")
    inspector.take(page, "send-done")


def revealed(page: Page, inspector: Inspector) -> None:
    page.goto("/wallet/reveal/")
    fill(page, pin=ADA.view_pin)
    send(page, "Show balance")
    inspector.take(page, "wallet")
    page.goto("/activity/")
    inspector.take(page, "activity")
    follow(page.locator(".activity__row", has=page.locator(".amount--in")).first.get_by_role("link"))
    inspector.take(page, "activity-detail")
    page.evaluate("document.getElementById('session-warning').showModal()")
    inspector.take(page, "session-warning")


def change_secrets(page: Page, inspector: Inspector) -> None:
    pages = {
        "change-password": "Change my password",
        "change-pins": "Change my PINs",
        "change-recovery": "Show my new codes",
        "change-authenticator": "Continue",
    }
    for name, button in pages.items():
        page.goto(f"/settings/security/{name.removeprefix('change-')}/")
        inspector.take(page, name)
        send(page, button)
        inspector.take(page, f"{name}-wrong")
    fill(page, current_password=ADA.password, code=code_of(inspector.site, ADA))
    send(page, "Continue")
    inspector.take(page, "new-authenticator")


# Staff


def staff(inspector: Inspector) -> None:
    """The list of each model that staff may read, and one of what it lists."""
    with inspector.window() as page:
        page.goto("/login/")
        fill(page, email=AUDITOR.email, password=AUDITOR.password)
        send(page, "Continue")
        fill(page, code=code_of(inspector.site, AUDITOR))
        send(page, "Sign in")
        expect(page).to_have_url(re.compile("/admin/$"))
        inspector.take(page, "admin")
        lists = page.locator("#content-main [class^=model-] th a").evaluate_all(
            "links => links.map(link => link.pathname)"
        )
        for path in lists:
            name = f"admin-{path.strip('/').split('/')[-1]}"
            page.goto(path)
            inspector.take(page, f"{name}-list")
            inspector.measure_list(page, f"{name}-list")
            rows = page.locator("#result_list tbody tr")
            if rows.count():
                follow(rows.first.get_by_role("link").first)
                inspector.take(page, name)
        page.goto("/admin/ledger/account/?q=@Ada")
        follow(page.locator("#result_list tbody").get_by_role("link").first)
        follow(page.get_by_role("link", name=re.compile("[0-9]+ entries")))
        inspector.take(page, "admin-account-entries")
        inspector.measure_list(page, "admin-account-entries")
        page.goto(f"{lists[0]}?q=nothing+like+this")
        inspector.take(page, "admin-list-empty")
        page.goto(f"{lists[0]}add/")
        inspector.take(page, "error-403")


WALKS = [public_pages, newcomer, customer, staff]
