"""Where this site is, and which addresses are its own."""

import re
from collections.abc import Callable
from contextlib import suppress
from urllib.parse import urlsplit

from django.conf import settings
from django.http import HttpRequest, HttpResponseBase
from django.urls import Resolver404, resolve, reverse

LONGEST = 2000  # characters: no page of ours has an address as long, and each goes into a header
# Tabs, line breaks and backslashes are dropped or turned into slashes by browsers; some servers decode a NUL.
ENCODED_CONTROL = re.compile("%(?:[01][0-9a-f]|7f)", re.IGNORECASE)


def absolute(path: str) -> str:
    """A path of ours as it stands in a mail. Never made from a request, whose Host is its sender's choice."""
    return f"{settings.SITE_URL}{path}"


def is_ours(url: str) -> bool:
    """Whether this is the path of a page here, and nothing that a browser may read as another site (ASVS 5, 3.7.2)."""
    if not url.startswith("/") or url.startswith("//") or len(url) > LONGEST:
        return False
    if "\\" in url or " " in url or not url.isprintable() or ENCODED_CONTROL.search(url):
        return False
    try:
        return not urlsplit(url).netloc
    except ValueError:
        return False


def page(url: str) -> str:
    """The page of ours to which the address leads a browser; empty where there is none.

    For the address of a view that only takes forms, the page its form stands on (see `form_of`).
    """
    view = view_of(urlsplit(url).path) if is_ours(url) else None
    if view is None or getattr(view, "background", False):
        return ""
    home = getattr(view, "home", "")
    return reverse(home) if home else url


def view_of(path: str) -> Callable[..., HttpResponseBase] | None:
    """Also for a path without its last slash, which Django adds."""
    for whole in (path, f"{path}/"):
        with suppress(Resolver404):
            return resolve(whole).func
    return None


def is_from_us(request: HttpRequest) -> bool:
    """Whether a browser says that a page of ours sent this request. Without any such word: no."""
    if request.headers.get("Sec-Fetch-Site", "same-origin") != "same-origin":
        return False
    source = request.headers.get("Origin") or request.headers.get("Referer")
    if source is None:
        return "Sec-Fetch-Site" in request.headers
    try:
        parts = urlsplit(source)
    except ValueError:
        return False
    own = {*settings.CSRF_TRUSTED_ORIGINS, f"{request.scheme}://{request.get_host()}"}
    return f"{parts.scheme}://{parts.netloc}" in own
