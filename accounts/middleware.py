"""Deny by default: nobody without a verified second factor and a finished set-up passes the pages marked public."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.contrib.auth.views import redirect_to_login
from django.contrib.sessions.middleware import SessionMiddleware as DjangoSessionMiddleware
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, resolve_url
from django.urls import reverse
from django.utils import timezone

from accounts import requests, typed
from accounts.models import Session, User
from web.addresses import page

TOUCH_SECONDS = 30


class SessionMiddleware(DjangoSessionMiddleware):
    """Django's, except for what it does to the cookie of a browser with two windows.

    A request that was on its way while another one gave the session a new key finds none under the old key. Django
    would answer it by deleting the cookie, which holds the new key by then, and sign both windows out. And a failure
    after a new key was given must still tell the browser which it is.
    """

    def process_response(self, request: HttpRequest, response: HttpResponse) -> HttpResponse:
        session = request.session
        if settings.SESSION_COOKIE_NAME in request.COOKIES and session.is_empty() and not session.ended:  # type: ignore[attr-defined]
            return response
        if response.status_code == 500 and session.rotated:  # type: ignore[attr-defined]
            self._send_key(session.session_key or "", response)
            return response
        return super().process_response(request, response)

    @staticmethod
    def _send_key(key: str, response: HttpResponse) -> None:
        response.set_cookie(
            settings.SESSION_COOKIE_NAME,
            key,
            secure=settings.SESSION_COOKIE_SECURE,
            httponly=True,
            samesite=settings.SESSION_COOKIE_SAMESITE,  # type: ignore[arg-type]
        )


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
                typed.set_aside(request)
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
    names_one = settings.SESSION_COOKIE_NAME in request.COOKIES or bool(request.POST.get(typed.FIELD))
    return not request.user.is_authenticated and names_one


def touch(request: HttpRequest, *, now: bool = False) -> None:
    """Note the use of this session, at most every 30 seconds unless it has to be now."""
    row = getattr(request.session, "row", None)
    moment = timezone.now()
    lately = row is not None and row.agent and row.last_used_at > moment - timedelta(seconds=TOUCH_SECONDS)
    if row is None or (lately and not now):
        return
    Session.objects.filter(pk=row.pk).update(
        last_used_at=moment, address=requests.address(request), agent=requests.agent(request)
    )


def form_page(request: HttpRequest) -> str:
    """Where to come back to: the page, or for a form that was sent the page it stood on."""
    if request.method in ("GET", "HEAD"):
        return request.get_full_path()
    back = page(request.POST.get("next", ""))
    home = getattr(request.resolver_match and request.resolver_match.func, "home", "")
    if home:
        return back or reverse(home)
    return f"{request.path}?{urlencode({'next': back})}" if back else request.get_full_path()
