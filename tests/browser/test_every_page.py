"""No page may break WCAG 2.2 AA, complain in the console, ask another site, or scroll sideways on a small screen."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Browser

from tests.driver.inspection import Inspector
from tests.driver.walks import WALKS
from tests.running import RunningSite


@pytest.mark.parametrize("walk", WALKS, ids=lambda walk: walk.__name__)
def test_every_page_is_one_to_trust(browser: Browser, site: RunningSite, walk: Callable[[Inspector], None]) -> None:
    inspector = Inspector(browser, site)
    walk(inspector)
    assert inspector.seen
    assert not inspector.faults, "\n".join(inspector.faults)
