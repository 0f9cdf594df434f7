"""Deny by default: without a verified second factor and a finished set-up only pages marked public are reached.

And whose way of writing counts while somebody is let in.
"""

from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect, resolve_url
from django.urls import reverse

from accounts.access import kept_forms
from accounts.models import User
from accounts.sessions.use import touch
from web import regions
from web.addresses import page


class RegionMiddleware:
    """Writes amounts, dates and times in a customer's own way for as long as their view runs, and no longer."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        with regions.bank():
            return self.get_response(request)

    def process_view(self, request: HttpRequest, *view: Any) -> None:
        user = request.user
        if user.is_authenticated and user.is_customer:
            regions.activate(user)


class DenyByDefaultMiddleware:
    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        if not request.session.is_empty():
            # Also while signing in: what such a page holds is for this browser, now (ASVS 5, 14.3.2).
            response["Cache-Control"] = "no-store"
        return response

    def process_view(
        self, request: HttpRequest, view: Callable[..., HttpResponseBase], args: Any, kwargs: Any
    ) -> HttpResponseBase | None:
        access = getattr(view, "access", "verified")
        if request.user.is_authenticated and not getattr(view, "background", False):
            touch(request)
        if access == "public":
            return None
        user = request.user
        if not user.is_authenticated or not may_continue(user):
            if request.method == "POST" and lost_its_session(request) and not getattr(view, "background", False):
                kept_forms.set_aside(request)
            return redirect_to_login(form_page(request), resolve_url(settings.LOGIN_URL))
        if access == "setup":
            return None
        step = "accounts:setup_totp" if not user.is_verified() else user.missing_step()
        return redirect(step) if step else None


def may_continue(user: User) -> bool:
    """Whether a password alone is enough to go on: only while there is no authenticator that could be asked for."""
    return user.is_verified() or user.missing_step() == "accounts:setup_totp"


def lost_its_session(request: HttpRequest) -> bool:
    """Whether the browser still names a session that is no more, or the form says that its page was somebody's.

    Who signs out there is told to forget the session; the answer to any other request after its end says so too.
    """
    names_one = settings.SESSION_COOKIE_NAME in request.COOKIES or bool(request.POST.get(kept_forms.FIELD))
    return not request.user.is_authenticated and names_one


def form_page(request: HttpRequest) -> str:
    """Where to come back to: the page, or for a form that was sent the page it stood on."""
    if request.method in ("GET", "HEAD"):
        return request.get_full_path()
    back = page(request.POST.get("next", ""))
    home = getattr(request.resolver_match and request.resolver_match.func, "home", "")
    if home:
        return back or reverse(home)
    return f"{request.path}?{urlencode({'next': back})}" if back else request.get_full_path()
