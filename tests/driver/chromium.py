"""The browser: the Chromium that this machine has."""

import os
import shutil
from typing import Any

from playwright.sync_api import Browser, Playwright

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
QUIET = ("--disable-background-networking", "--disable-component-update", "--disable-sync", "--no-first-run")


def find() -> str | None:
    """The path of its program, if there is one."""
    return os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, NAMES)), None)


def sandbox() -> list[str]:
    """Chromium will not be root in its sandbox."""
    return ["--no-sandbox"] if os.geteuid() == 0 else []


def options(path: str) -> dict[str, Any]:
    """As Playwright takes them."""
    return {"executable_path": path, "args": [*QUIET, *sandbox()]}


def launch(playwright: Playwright) -> Browser:
    """Raises AssertionError where there is none."""
    path = find()
    assert path, f"no browser: none of {', '.join(NAMES)} is on the PATH"
    return playwright.chromium.launch(**options(path))
