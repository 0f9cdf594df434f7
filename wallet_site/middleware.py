"""What every answer carries, and what a page says when the database is away."""

from collections.abc import Callable

import structlog
from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.utils.cache import add_never_cache_headers

logger = structlog.get_logger(__name__)

GetResponse = Callable[[HttpRequest], HttpResponseBase]
RETRY_AFTER = "10"  # seconds
# What a wallet never needs from the browser.
PERMISSIONS_POLICY = (
    "accelerometer=(), camera=(), display-capture=(), geolocation=(), gyroscope=(), magnetometer=(), microphone=(), "
    "midi=(), payment=(), usb=(), browsing-topics=()"
)


class FailureMiddleware:
    """503 where the database cannot be reached; anything else stays Django's 500, under the request's reference."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        if not is_unreachable(exception):
            return None
        logger.error("database_unreachable", exc_info=exception)
        response = render(request, "503.html", status=503)
        response["Retry-After"] = RETRY_AFTER
        return response


def is_unreachable(exception: BaseException) -> bool:
    """Did the database not answer at all? A refused or lost connection has no SQLSTATE, or one of class 08 or 57P."""
    if not isinstance(exception, (OperationalError, InterfaceError)):
        return False
    sqlstate = getattr(exception.__cause__, "sqlstate", None)
    return sqlstate is None or sqlstate.startswith(("08", "57P", "53300"))


class BrowserPolicyMiddleware:
    """What other sites and the browser's features may do with our pages, beside the content security policy."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        response.headers.setdefault("Permissions-Policy", PERMISSIONS_POLICY)
        response.headers.setdefault("Cross-Origin-Resource-Policy", "same-origin")
        user = getattr(request, "user", None)
        if user is not None and user.is_authenticated and isinstance(response, HttpResponse):
            add_never_cache_headers(response)
        return response
