"""Walks through the whole site, photographs every page, and fails on whatever a customer should never meet.

`make shots` starts the real thing in demo mode on a data folder of its own and leaves each page, light and dark, on a
desktop and on a phone, in `shots/`, and the few that the README shows in `docs/screenshots/`. It exits with 1, after
the walk, if any page had an accessibility violation that axe finds, a console message, a request to another site, or
something that is wider than a screen of 320 pixels.
"""

import contextlib
import io
import os
import re
import shutil
import sys
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from axe_playwright_python.sync_playwright import Axe
from PIL import Image
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, Playwright, Request, sync_playwright

from payments.demo import SIGN_INS, SignIn
from tests.browser.visitor import App
from tests.running import RunningSite
from wallet_site.environment import BASE_DIR

MATRIX, README = BASE_DIR / "shots", BASE_DIR / "docs" / "screenshots"
SIZES = {"desktop": (1280, 800), "phone": (390, 844)}
SCHEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")
SETTLE = 200  # milliseconds: the admin fades its colours over
PAGE_HEIGHT = "Math.max(document.documentElement.scrollHeight, innerHeight)"
# A small phone, and a desktop's window of 1280 by 1024 at 400 % zoom.
NARROW_HEIGHTS = (640, 256)
NARROW = 320  # CSS pixels, WCAG 2.2 SC 1.4.10
# Without "preload" axe does not try to put imported stylesheets into the page, which the policy rightly refuses.
AXE_OPTIONS = {"resultTypes": ["violations"], "preload": False}

# For the README: page, size, scheme. Cut to the window's height, so that they line up.
SHOWN = {
    ("landing", "desktop", "light"),
    ("landing", "phone", "dark"),
    ("wallet", "desktop", "light"),
    ("wallet", "desktop", "dark"),
    ("wallet", "phone", "dark"),
    ("wallet-masked", "phone", "light"),
    ("send-check", "desktop", "dark"),
    ("send-check", "phone", "light"),
    ("send-done", "phone", "light"),
    ("activity", "phone", "dark"),
    ("setup-totp", "desktop", "light"),
    ("admin-transfer", "desktop", "light"),
}

ADA, AUDITOR = SIGN_INS[0], next(person for person in SIGN_INS if person.is_staff)
NEWCOMER = "Maria-Magdalena Wolfeschlegelsteinhausenbergerdorff"
NEWCOMER_EMAIL = "maria.magdalena.wolfeschlegelsteinhausen@example.com"
PASSWORD = "seven lamps over the canal"
VIEW_PIN, PAYMENT_PIN = "4826", "739154"


@dataclass
class Album:
    """Takes the pictures, and notes what is wrong with the pages on them."""

    base: str
    axe: Axe = field(default_factory=Axe)
    faults: list[str] = field(default_factory=list)
    expected_status: int = 200

    def watch(self, context: BrowserContext) -> None:
        context.on("console", self.on_console)
        context.on("weberror", lambda error: self.faults.append(f"{error.page and error.page.url}: {error.error}"))
        context.on("request", self.on_request)

    def on_console(self, message: ConsoleMessage) -> None:
        # The browser itself remarks on the status of an error page that was asked for.
        if f"status of {self.expected_status}" not in message.text:
            self.faults.append(f"{message.page and message.page.url}: console says {message.text}")

    def on_request(self, request: Request) -> None:
        if not request.url.startswith((self.base, "data:", "about:")):
            self.faults.append(f"{request.frame.url}: asks {request.url}")

    def take(self, page: Page, name: str) -> None:
        """The page as it stands, in the four combinations, without loading it again."""
        print(f"  {name}", flush=True)
        for size, (width, height) in SIZES.items():
            page.set_viewport_size({"width": width, "height": height})
            for scheme in SCHEMES:
                page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
                page.wait_for_timeout(SETTLE)
                path = MATRIX / f"{name}-{size}-{scheme}.png"
                # In a window as high as the page, what is fixed to its end lies at the end of the picture.
                page.set_viewport_size({"width": width, "height": page.evaluate(PAGE_HEIGHT)})
                page.screenshot(path=path)
                page.set_viewport_size({"width": width, "height": height})
                if (name, size, scheme) in SHOWN:
                    page.evaluate("scrollTo(0, 0)")
                    keep_small(page.screenshot(), README / path.name)
                self.check(page, f"{name} ({size}, {scheme})")
        for height in NARROW_HEIGHTS:
            page.set_viewport_size({"width": NARROW, "height": height})
            if (wide := page.evaluate("document.documentElement.scrollWidth")) > NARROW:
                self.faults.append(f"{name}: {wide} pixels wide on a screen of {NARROW} by {height}")
        page.set_viewport_size(dict(zip(("width", "height"), SIZES["desktop"], strict=True)))  # type: ignore[arg-type]

    def check(self, page: Page, where: str) -> None:
        for violation in self.axe.run(page, options=AXE_OPTIONS).response["violations"]:
            targets = ", ".join(str(node["target"][0]) for node in violation["nodes"][:3])
            self.faults.append(f"{where}: {violation['id']}: {violation['help']} ({targets})")


def keep_small(png: bytes, path: Path) -> None:
    """In 128 colours: a fifth of the size, and no difference to see on flat pages like these."""
    picture = Image.open(io.BytesIO(png)).convert("RGB").quantize(128, dither=Image.Dither.NONE)
    picture.save(path, optimize=True)


# The walk


def public_pages(page: Page, album: Album) -> None:
    pages = {"landing": "/", "help": "/help/", "styleguide": "/styleguide/", "recover": "/recover/"}
    for name, address in pages.items():
        page.goto(album.base + address)
        album.take(page, name)
    fill(page, email=ADA.email)
    send(page, "Send me the link")
    album.take(page, "recover-sent")
    page.get_by_role("link", name="Open the link").click()
    album.take(page, "reset")
    album.expected_status = 404
    page.goto(album.base + "/no-such-page/")
    album.take(page, "error-404")
    album.expected_status = 403
    page.goto(album.base + "/login/")
    page.evaluate("document.querySelector('main [name=csrfmiddlewaretoken]').value = 'old'")
    fill(page, email=ADA.email, password="x")
    send(page, "Continue")
    album.take(page, "error-csrf")
    album.expected_status = 200


def fill(page: Page, **values: str) -> None:
    for name, value in values.items():
        page.locator(f"main [name={name}]").fill(value)


def send(page: Page, button: str) -> None:
    with page.expect_navigation():
        page.locator("main").get_by_role("button", name=button).click()


def join(page: Page, album: Album) -> None:
    """A newcomer with a name as long as they come, from the email address to the empty wallet."""
    page.goto(album.base + "/register/")
    album.take(page, "register")
    fill(page, email="maria at example")
    send(page, "Send me the link")
    album.take(page, "register-wrong")
    fill(page, email=NEWCOMER_EMAIL)
    send(page, "Send me the link")
    album.take(page, "register-sent")
    page.get_by_role("link", name="Open the link").click()
    album.take(page, "join")
    fill(page, full_name="", handle="ada", password="short")
    send(page, "Open my wallet")
    album.take(page, "join-wrong")
    fill(page, full_name=NEWCOMER, handle="maria_magdalena", password=PASSWORD)
    send(page, "Open my wallet")
    set_up(page, album)


def set_up(page: Page, album: Album) -> None:
    album.take(page, "setup-totp")
    fill(page, code="000000")
    send(page, "Continue")
    album.take(page, "setup-totp-wrong")
    fill(page, code=App.scan(page.locator(".qr")).code())
    send(page, "Continue")
    album.take(page, "setup-recovery")
    send(page, "Show my codes")
    album.take(page, "setup-recovery-codes")
    send(page, "I have saved them")
    album.take(page, "setup-pins")
    fill(page, view_pin="1234", payment_pin="12")
    send(page, "Finish")
    album.take(page, "setup-pins-wrong")
    fill(page, view_pin=VIEW_PIN, payment_pin=PAYMENT_PIN)
    send(page, "Finish")


def newcomer(page: Page, album: Album) -> None:
    album.take(page, "wallet-empty")
    page.goto(album.base + "/activity/")
    album.take(page, "activity-empty")
    page.goto(album.base + "/wallet/")
    send(page, "demo money")
    album.take(page, "wallet-first-money")


def sign_in(page: Page, album: Album, site: RunningSite, who: SignIn) -> None:
    page.goto(album.base + "/login/")
    if who is ADA:
        album.take(page, "login")
        send(page, "Continue")
        album.take(page, "login-wrong")
    fill(page, email=who.email, password=who.password)
    send(page, "Continue")
    if who is ADA:
        album.take(page, "login-code")
        fill(page, code="000000")
        send(page, "Sign in")
        album.take(page, "login-code-wrong")
    fill(page, code=re.findall(r"\b[0-9]{6}\b", site.manage("totp", who.email))[0])
    send(page, "Sign in")


def customer(page: Page, album: Album) -> None:
    pages = {
        "wallet-masked": "/wallet/",
        "activity-masked": "/activity/",
        "settings": "/settings/",
        "security": "/settings/security/",
        "sessions": "/settings/sessions/",
        "change-password": "/settings/security/password/",
        "change-pins": "/settings/security/pins/",
        "change-recovery": "/settings/security/recovery/",
        "change-authenticator": "/settings/security/authenticator/",
    }
    for name, path in pages.items():
        page.goto(album.base + path)
        album.take(page, name)
    page.goto(album.base + "/wallet/reveal/")
    album.take(page, "reveal")
    fill(page, pin="0000")
    send(page, "Show balance")
    album.take(page, "reveal-wrong")
    pay(page, album)
    page.goto(album.base + "/wallet/reveal/")
    fill(page, pin=ADA.view_pin)
    send(page, "Show balance")
    album.take(page, "wallet")
    page.goto(album.base + "/activity/")
    album.take(page, "activity")
    page.locator(".activity__row .amount--in").first.locator("xpath=ancestor::li").locator("a").click()
    album.take(page, "activity-detail")


def pay(page: Page, album: Album) -> None:
    page.goto(album.base + "/send/")
    album.take(page, "send")
    fill(page, payee="@nobody_here", amount="1e3", note="x" * 300)
    send(page, "Continue")
    album.take(page, "send-wrong")
    fill(page, payee="@maria_magdalena", amount="1,000,000.00", note="")
    send(page, "Continue")
    fill(page, pin=ADA.payment_pin)
    send(page, "Send")
    album.take(page, "send-too-much")
    page.goto(album.base + "/send/")
    fill(page, payee="@grace", amount="12.34", note="Lunch at the harbour")
    send(page, "Continue")
    album.take(page, "send-check")
    fill(page, pin="111111")
    send(page, "Send")
    album.take(page, "send-check-wrong")
    fill(page, pin=ADA.payment_pin)
    send(page, "Send")
    album.take(page, "send-done")


def staff(page: Page, album: Album) -> None:
    page.goto(album.base + "/admin/")
    album.take(page, "admin")
    for model, name in {"account": "accounts", "transfer": "transfers", "entry": "entries"}.items():
        page.goto(f"{album.base}/admin/ledger/{model}/")
        album.take(page, f"admin-{name}")
    page.goto(f"{album.base}/admin/ledger/transfer/")
    page.locator("#result_list tbody th a").first.click()
    album.take(page, "admin-transfer")


def launch(playwright: Playwright) -> Browser:
    chromium = shutil.which("chromium") or shutil.which("chromium-browser")
    return playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"] if os.geteuid() == 0 else [])


def main() -> int:
    for kept in (MATRIX, README):
        kept.mkdir(parents=True, exist_ok=True)
    with (
        tempfile.TemporaryDirectory(prefix="shots-") as folder,
        RunningSite(Path(folder, "data")) as site,
        sync_playwright() as playwright,
        contextlib.closing(launch(playwright)) as browser,
    ):
        album = Album(site.base_url)

        def somebody() -> Page:
            context = browser.new_context(locale="en-GB", timezone_id="UTC")
            context.set_default_timeout(15_000)
            album.watch(context)
            return context.new_page()

        visitor, maria, ada, auditor = somebody(), somebody(), somebody(), somebody()
        public_pages(visitor, album)
        join(maria, album)
        newcomer(maria, album)
        sign_in(ada, album, site, ADA)
        customer(ada, album)
        sign_in(auditor, album, site, AUDITOR)
        staff(auditor, album)
    for fault in dict.fromkeys(album.faults):
        print(fault, file=sys.stderr)
    print(f"{len(list(MATRIX.glob('*.png')))} pictures in {MATRIX}, {len(album.faults)} faults.")
    return 1 if album.faults else 0


if __name__ == "__main__":
    sys.exit(main())
