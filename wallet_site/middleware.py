"""What every answer carries, what is logged of a request, and what a page says when the database is away."""

import re
import sys
from collections.abc import Callable
from typing import Any

import structlog
from django.conf import settings
from django.core.files.uploadhandler import load_handler
from django.core.signals import got_request_exception
from django.http import HttpRequest, HttpResponseBase, HttpResponseNotAllowed
from django_structlog.middlewares import RequestMiddleware

from ledger.outages import close_connections
from wallet_site import errors
from wallet_site.unreachable import is_passing, is_unreachable
from web import bodies
from web.visitors import address

# A part of a path that is as long as a token and is not the UUID of a payment.
TOKEN = re.compile(r"(?<=/)(?![0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}(/|$))[^/]{20,}")
HEALTH = ("/healthz", "/readyz")
GetResponse = Callable[[HttpRequest], HttpResponseBase]
# What a wallet never needs from the browser.
PERMISSIONS_POLICY = (
    "accelerometer=(), camera=(), display-capture=(), geolocation=(), gyroscope=(), magnetometer=(), microphone=(), "
    "midi=(), payment=(), usb=()"
)


class RequestLogMiddleware(RequestMiddleware):
    """One line when a request starts and one when it ends, both with its id.

    No query, which may name a person, and no mailed token, which opens a door for whoever reads the log.
    """

    @staticmethod
    def format_request(request: HttpRequest) -> str:
        return f"{request.method} {TOKEN.sub('…', request.path)}"

    @staticmethod
    def bind_user_id(request: HttpRequest) -> None:
        """Names the user only where the page asked who it is: looking them up here would query on every request."""
        if user := getattr(request, "_cached_user", None):
            structlog.contextvars.bind_contextvars(user_id=str(user.pk) if user.pk else None)

    @classmethod
    def bind_ip(cls, request: HttpRequest) -> None:
        structlog.contextvars.bind_contextvars(ip=address(request))


class FailureMiddleware:
    """503 where the database cannot be reached or is too busy. Every answer carries the id that its log lines have.

    The failure may come from a view or from any middleware below, and Django turns each into a 500 on its own way
    up, so the exception is noted when Django announces it.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response
        got_request_exception.connect(note_exception, dispatch_uid="wallet_site.note_exception")

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        failure = getattr(request, "noted_exception", None)
        if is_unreachable(failure):
            # Kept for ever otherwise: the health check, SELECT 1, is content with a server that only reads.
            close_connections()
        if is_passing(failure):
            response = errors.unavailable(request)
        response.headers["X-Request-Id"] = errors.reference()
        return response


def note_exception(sender: Any, request: HttpRequest | None = None, **kwargs: Any) -> None:
    if request is not None:
        request.noted_exception = sys.exc_info()[1]  # type: ignore[attr-defined]


class HealthMiddleware:
    """Load balancers ask by address, or by no name at all: these two pages answer to any Host."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if request.path_info in HEALTH:
            request.META["HTTP_HOST"] = settings.SITE_URL.partition("://")[2]
        return self.get_response(request)


class BodyMiddleware:
    """Refuses a request that cannot be read, or that brings more than its page takes, before its body is read."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if bodies.UNREADABLE in request.META:
            return errors.bad_request(request)
        length, encoding = request.META.get("CONTENT_LENGTH", ""), request.META.get("HTTP_TRANSFER_ENCODING", "")
        status = bodies.refusal(str(length), encoding, request.path_info)
        if status is not None:
            return errors.bad_request(request) if status == 400 else errors.too_large(request, status=status)
        _, takes_files = bodies.most_bytes(request.path_info) if length not in ("", "0") else (0, False)
        if takes_files:
            request.upload_handlers = [load_handler(name, request) for name in bodies.FILE_HANDLERS]
        return self.get_response(request)


class NotAllowedMiddleware:
    """A page for the method that a view does not know: the views' decorators answer with an empty one."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        if isinstance(response, HttpResponseNotAllowed) and not response.content:
            return errors.not_allowed(request, response["Allow"])
        return response


class BrowserPolicyMiddleware:
    """What browsers and other sites may do with our pages, beside the content security policy."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        response.headers.setdefault("Permissions-Policy", PERMISSIONS_POLICY)
        response.headers.setdefault("Cross-Origin-Resource-Policy", "same-origin")
        if settings.SESSION_COOKIE_NAME in request.COOKIES or settings.SESSION_COOKIE_NAME in response.cookies:
            # Somebody may be signed in. Tells so without the session's row, which may be out of reach.
            response.headers.setdefault("Cache-Control", "no-store")
        return response
