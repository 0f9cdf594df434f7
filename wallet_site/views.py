"""The pages that belong to no app: landing, help, the choice of theme."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_safe

from accounts.access.decorators import form_of, public
from wallet_site.context import THEME_COOKIE, THEMES
from web.addresses import page

YEAR = 365 * 24 * 60 * 60  # seconds


@public
@require_safe
def landing(request: HttpRequest) -> HttpResponse:
    return render(request, "landing.html")


@public
@require_safe
def help_page(request: HttpRequest) -> HttpResponse:
    return render(request, "help.html")


@public
@form_of("landing")
def theme(request: HttpRequest) -> HttpResponse:
    """Keeps light or dark in a cookie of the browser's own; anything else means: as the system has it."""
    chosen, back = request.POST.get("theme", ""), page(request.POST.get("next", ""))
    response = redirect(back or "landing")
    if chosen in THEMES:
        response.set_cookie(
            THEME_COOKIE, chosen, max_age=YEAR, secure=settings.SECURE_COOKIES, httponly=True, samesite="Lax"
        )
    else:
        response.delete_cookie(THEME_COOKIE, samesite="Lax")
    return response
