"""Nothing of a request is read that is longer than anything we ask for: first of all its address and its headers.

gunicorn has the same limits (`gunicorn_conf.py`); these hold behind any other server too. A form's fields have theirs
in `inputs.fields`, its body in DATA_UPLOAD_MAX_MEMORY_SIZE.
"""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse, HttpResponseBase

PATH_MOST = 1_024  # characters; the longest address of ours is a mailed link of some 60
QUERY_MOST = 3_000
HEADER_MOST = 8_190  # of one header; the cookies are one


class LengthMiddleware:
    """414 for too long an address, 431 for too long a header. The first of all: even the log has patterns."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        query = request.META.get("QUERY_STRING", "")
        if len(request.path_info) > PATH_MOST or len(query) > QUERY_MOST:
            return refusal(414, "The address of this page is too long.")
        if any(len(request.META[name]) > HEADER_MOST for name in request.META if is_sent(name)):
            return refusal(431, "Your browser sent more about itself than we read.")
        return self.get_response(request)


def is_sent(name: str) -> bool:
    """Whether a WSGI variable of this name holds a header (PEP 3333)."""
    return name.startswith("HTTP_") or name == "CONTENT_TYPE"


def refusal(status: int, reason: str) -> HttpResponse:
    response = HttpResponse(f"{reason} Nothing was done.\n", content_type="text/plain; charset=utf-8", status=status)
    response["Cache-Control"] = "no-store"
    response["X-Content-Type-Options"] = "nosniff"
    return response
