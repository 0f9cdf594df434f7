"""Walks through the whole site, photographs every page, and fails on whatever a customer should never meet.

`make shots` starts the real thing in demo mode on a data folder of its own and leaves each page, light and dark, on a
desktop and on a phone, in `shots/`, and the few that the README shows in `docs/screenshots/`. It exits with 1, after
the walk, if any page had an accessibility violation that axe finds, a console message, a request to another site, or
something that is wider than a screen of 320 pixels.
"""

import contextlib
import io
import sys
import tempfile
from pathlib import Path

from PIL import Image
from playwright.sync_api import Page, sync_playwright

from tests.driver.chromium import launch
from tests.driver.inspection import SIZES, Inspector, Scheme, Size, resize
from tests.driver.person import Person
from tests.driver.walks import WALKS
from tests.running import RunningSite
from wallet_site.environment import BASE_DIR

MATRIX, README = BASE_DIR / "shots", BASE_DIR / "docs" / "screenshots"
SETTLE = 200  # milliseconds: the admin fades its colours over
PAGE_HEIGHT = "Math.max(document.documentElement.scrollHeight, innerHeight)"

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


class Album(Inspector):
    """Takes the pictures on the way."""

    schemes = ("light", "dark")

    def take(self, who: Person, name: str) -> None:
        print(f"  {name}", flush=True)
        super().take(who, name)

    def look(self, page: Page, name: str, size: Size, scheme: Scheme) -> None:
        page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
        page.wait_for_timeout(SETTLE)
        path = MATRIX / f"{name}-{size}-{scheme}.png"
        # In a window as high as the page, what is fixed to its end lies at the end of the picture.
        resize(page, SIZES[size][0], page.evaluate(PAGE_HEIGHT))
        page.screenshot(path=path)
        resize(page, *SIZES[size])
        if (name, size, scheme) in SHOWN:
            page.evaluate("scrollTo(0, 0)")
            keep_small(page.screenshot(), README / path.name)
        super().look(page, name, size, scheme)


def keep_small(png: bytes, path: Path) -> None:
    """In 128 colours: a fifth of the size, and no difference to see on flat pages like these."""
    picture = Image.open(io.BytesIO(png)).convert("RGB").quantize(128, dither=Image.Dither.NONE)
    picture.save(path, optimize=True)


def main() -> int:
    for kept in (MATRIX, README):
        kept.mkdir(parents=True, exist_ok=True)
    with (
        tempfile.TemporaryDirectory(prefix="shots-") as folder,
        RunningSite(Path(folder, "data")) as site,
        sync_playwright() as playwright,
        contextlib.closing(launch(playwright)) as browser,
    ):
        album = Album(browser, site)
        for walk in WALKS:
            walk(album)
    for fault in dict.fromkeys(album.faults):
        print(fault, file=sys.stderr)
    print(f"{len(list(MATRIX.glob('*.png')))} pictures in {MATRIX}, {len(album.faults)} faults.")
    return 1 if album.faults else 0


if __name__ == "__main__":
    sys.exit(main())
