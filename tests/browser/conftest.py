"""A real browser against the real thing: gunicorn, the embedded PostgreSQL, the site's own database role."""

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser

from tests.browser.complaints import listen
from tests.browser.visitor import Visitor
from tests.running import RunningSite

CHROMIUM = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
HERE = Path(__file__).parent


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Browser tests come last: Playwright keeps an event loop running, beside which Django refuses its ORM."""
    items.sort(key=lambda item: HERE in item.path.parents)


@pytest.fixture(scope="session")
def chromium_path() -> str:
    path = os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, CHROMIUM)), None)
    if path is None:
        reason = f"no browser: none of {', '.join(CHROMIUM)} is on the PATH"
        if os.environ.get("REQUIRE_BROWSER") == "1":
            pytest.fail(f"REQUIRE_BROWSER=1, but {reason}")
        pytest.skip(reason)
    return path


@pytest.fixture(scope="session")
def browser_type_launch_args(chromium_path: str) -> dict[str, Any]:
    quiet = ["--disable-background-networking", "--disable-component-update", "--disable-sync", "--no-first-run"]
    sandbox = ["--no-sandbox"] if os.geteuid() == 0 else []
    return {"executable_path": chromium_path, "args": [*quiet, *sandbox]}


@pytest.fixture(scope="session")
def site(chromium_path: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningSite]:
    """One demo site for all browser tests; each makes people of its own. (The browser is asked for first.)"""
    with RunningSite(tmp_path_factory.mktemp("site"), BCRYPT_ROUNDS="10") as running:
        yield running


@pytest.fixture
def visit(browser: Browser, site: RunningSite) -> Iterator[Callable[..., Visitor]]:
    """Opens a browser window of its own for somebody; at the end none of them may have met a complaint."""
    visitors: list[tuple[Visitor, list[str]]] = []

    def arrive(**context_options: Any) -> Visitor:
        context = browser.new_context(base_url=site.base_url, **context_options)
        complaints = listen(context, site.base_url)
        visitors.append((Visitor(context), complaints))
        return visitors[-1][0]

    yield arrive
    for visitor, _ in visitors:
        visitor.context.close()
    assert not [complaint for _, complaints in visitors for complaint in complaints]
