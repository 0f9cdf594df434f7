"""What a customer should never meet, as the browser tells it: the console, script errors, other sites' addresses."""

import re

from playwright.sync_api import BrowserContext, ConsoleMessage, Request, WebError

# A test walks faster than pages fade: the browser skips the fading, and says so as an error of the page's. No script of
# the site's starts a transition, so each such word is the browser's own (w3c/csswg-drafts, issue 13726).
FADING = re.compile(r"ViewTransition|Transition was (aborted|skipped)")


def listen(context: BrowserContext, base_url: str) -> list[str]:
    """A list that grows with each complaint of this browser window. What the policy refuses is in the console too."""
    complaints: list[str] = []

    def on_console(message: ConsoleMessage) -> None:
        address = message.page.url if message.page else ""
        # The browser remarks on the status of an error page itself (not of a part of one), and on a sign-out's sweep.
        is_remark = message.location["url"] == address and message.text.startswith("Failed to load resource")
        if not is_remark and not message.text.startswith("Clear-Site-Data"):
            complaints.append(f"{address}: console says {message.text}")

    def on_error(error: WebError) -> None:
        if not FADING.search(str(error.error)):
            complaints.append(f"{error.page.url if error.page else ''}: {error.error}")

    def on_request(request: Request) -> None:
        if not request.url.startswith((f"{base_url}/", "data:", "blob:", "about:")):
            complaints.append(f"{base_url}: asks {request.url}")

    context.on("console", on_console)
    context.on("weberror", on_error)
    context.on("request", on_request)
    return complaints
