"""The pages for when something is wrong. Each says whether money moved, because that is the first question.

Nothing is written before a 400, 403 or 404, so those may say that no money has moved. A 500 or 503 may have hit
a payment on its way, so those only say what is certain: trying the same payment again cannot pay twice.
"""

import structlog
from django.contrib.sessions.exceptions import SessionInterrupted
from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.urls import reverse
from django.views.decorators.csrf import requires_csrf_token

from accounts.access import kept_forms
from accounts.access.middleware import form_page
from backoffice.staff_pages import note_refused_write
from wallet_site.context import site
from web import bodies
from web.addresses import is_from_us


def reference() -> str:
    """The request's id in the logs, for the visitor to quote; empty outside a request."""
    return str(structlog.contextvars.get_contextvars().get("request_id", ""))


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """Rendered without looking at the request again: what it holds may be the very thing that cannot be read."""
    if isinstance(exception, RequestDataTooBig | bodies.NoFiles):
        return too_large(request)
    was_interrupted = isinstance(exception, SessionInterrupted)
    return _alone(request, "400_session.html" if was_interrupted else "400.html", status=400)


@requires_csrf_token
def permission_denied(request: HttpRequest, exception: Exception) -> HttpResponse:
    return render(request, "403.html", {"reference": reference()}, status=403)


@requires_csrf_token
def page_not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    return render(request, "404.html", {"reference": reference()}, status=404)


@requires_csrf_token
def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Back to the form, filled in and with a fresh token, where a browser says that it came from a page of ours."""
    if is_for_staff(request):
        note_refused_write(request)
    elif comes_from_a_stale_page(request):
        kept_forms.set_aside(request)
        return redirect(form_page(request))
    return render(request, "403_csrf.html", {"reference": reference()}, status=403)


def is_for_staff(request: HttpRequest) -> bool:
    return request.resolver_match is not None and "admin" in request.resolver_match.namespaces


def comes_from_a_stale_page(request: HttpRequest) -> bool:
    """Not without any cookie: the browser takes none, and the form would come back empty again and again."""
    match = request.resolver_match
    is_a_page = match is not None and not getattr(match.func, "background", False)
    return is_a_page and request.method == "POST" and bool(request.COOKIES) and is_from_us(request)


def too_large(request: HttpRequest, *, status: int = 413) -> HttpResponse:
    """413, or 411 for a body that does not say its size: with the limit, and nothing of the body read."""
    most, takes_files = bodies.most_bytes(request.path_info)
    return _alone(request, "413.html", status=status, most=most, takes_files=takes_files)


@requires_csrf_token
def not_allowed(request: HttpRequest, allowed: str) -> HttpResponse:
    """405, with the way to the page whose form leads here, where there is one."""
    home = getattr(request.resolver_match and request.resolver_match.func, "home", "")
    context = {"reference": reference(), "home": home and reverse(home)}
    response = render(request, "405.html", context, status=405)
    response["Allow"] = allowed
    return response


def server_error(request: HttpRequest) -> HttpResponse:
    return _alone(request, "500.html", status=500)


def unavailable(request: HttpRequest) -> HttpResponse:
    """The database cannot be reached: 503, and when to come back (seconds)."""
    response = _alone(request, "503.html", status=503)
    response["Retry-After"] = "10"
    return response


def _alone(request: HttpRequest, template: str, *, status: int, **context: object) -> HttpResponse:
    """Rendered without the request, so that neither the session nor the database is touched for the page's header."""
    body = render_to_string(template, {**site(request), "reference": reference(), "status": status, **context})
    response = HttpResponse(body, status=status)
    response["Cache-Control"] = "no-store"
    return response
