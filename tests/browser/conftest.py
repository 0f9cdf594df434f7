"""A real browser against the real thing: gunicorn, the embedded PostgreSQL, the site's own database role."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser

from tests.driver.complaints import listen
from tests.driver.person import Person
from tests.running import RunningSite
from wallet_site.demo import SignIn


@pytest.fixture(scope="session")
def site(chromium_path: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningSite]:
    """One demo site for all browser tests; each makes people of its own. (The browser is asked for first.)"""
    with RunningSite(tmp_path_factory.mktemp("site"), BCRYPT_ROUNDS="10") as running:
        yield running


@pytest.fixture
def visit(browser: Browser, site: RunningSite) -> Iterator[Callable[..., Person]]:
    """Opens a browser window of its own for somebody; at the end none of them may have met a complaint.

    Somebody is one of the demo's people, or a newcomer of the first name that it is given, or nobody in particular.
    """
    visitors: list[tuple[Person, list[str]]] = []

    def arrive(who: SignIn | str = "", **context_options: Any) -> Person:
        context = browser.new_context(base_url=site.base_url, **context_options)
        complaints = listen(context, site.base_url)
        person = Person.of_the_demo(context, site, who) if isinstance(who, SignIn) else Person.newcomer(context, who)
        visitors.append((person, complaints))
        return person

    yield arrive
    for person, _ in visitors:
        person.context.close()
    assert not [complaint for _, complaints in visitors for complaint in complaints]
