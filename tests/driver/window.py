"""A browser window, and what everybody can do with one: read the page, fill its fields, press its buttons."""

import re
from dataclasses import dataclass
from urllib.parse import urlsplit

from playwright.sync_api import BrowserContext, Locator, Page, Response, expect


@dataclass
class Window:
    context: BrowserContext

    def __post_init__(self) -> None:
        self.page: Page = self.context.new_page()

    # Hands

    def goto(self, path: str) -> Response:
        answer = self.page.goto(path)
        assert answer
        return answer

    def fill(self, fields: dict[str, str]) -> None:
        """By their labels."""
        for label, value in fields.items():
            self.field(label).fill(value)

    def field(self, label: str) -> Locator:
        return self.page.get_by_label(label, exact=True)

    def click(self, button: str) -> None:
        """One that leaves the page where it is."""
        self.page.get_by_role("main").get_by_role("button", name=button).click()

    def press(self, button: str) -> Response:
        """One that sends the form. Gives the answer, after all redirects."""
        return self.leave_by(self.page.get_by_role("main").get_by_role("button", name=button))

    def follow(self, link: str) -> Response:
        return self.leave_by(self.page.get_by_role("main").get_by_role("link", name=link))

    def leave_by(self, clickable: Locator) -> Response:
        with self.page.expect_navigation() as navigation:
            clickable.click()
        return navigation.value

    # Eyes

    @property
    def path(self) -> str:
        return urlsplit(self.page.url).path

    def sees(self, heading: str) -> None:
        expect(self.page.get_by_role("heading", level=1)).to_have_text(heading)

    def is_told(self, words: str) -> None:
        expect(self.page.get_by_role("main")).to_contain_text(words)

    def is_at(self, path: str) -> None:
        """The end of the address, as a regular expression."""
        expect(self.page).to_have_url(re.compile(f"{path}$"))

    def text(self) -> str:
        """What the page says, with every kind of space as one plain space."""
        return " ".join(self.page.locator("main").inner_text().split())
