"""Whoever looks at pages with a critical eye: at each as it stands, on all screens, for what a customer never should meet."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Literal

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page

from tests.driver.complaints import listen
from tests.driver.person import Person
from tests.running import RunningSite
from wallet_site.demo import SignIn

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
WAIT = 15_000  # milliseconds


class Inspector:
    """Looks at pages as they stand, and notes in `faults` what is wrong with them."""

    schemes: tuple[Scheme, ...] = ("light",)

    def __init__(self, browser: Browser, site: RunningSite) -> None:
        self.browser, self.site = browser, site
        self.axe = Axe()
        self.faults: list[str] = []
        self.seen: list[str] = []

    @contextmanager
    def window(self, who: SignIn | None = None) -> Iterator[Person]:
        """Somebody's, in which complaints are faults too. Without a name: a stranger's."""
        context = self.browser.new_context(
            base_url=self.site.base_url,
            locale="en-GB",
            timezone_id="UTC",
            color_scheme="light",
            reduced_motion="reduce",
        )
        context.set_default_timeout(WAIT)
        complaints = listen(context, self.site.base_url)
        yield Person.of_the_demo(context, self.site, who) if who else Person(context)
        context.close()
        self.faults += complaints

    def take(self, who: Person, name: str) -> None:
        """The page before them as it stands, in all combinations, without loading it again."""
        page = who.page
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
