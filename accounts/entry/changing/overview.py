"""A user's own settings."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from accounts.access.decorators import signed_in
from accounts.models import Authenticator

LATEST = 20


@require_safe
def settings_page(request: HttpRequest) -> HttpResponse:
    return render(request, "accounts/settings.html")


@require_safe
def security(request: HttpRequest) -> HttpResponse:
    user = signed_in(request)
    context = {
        "authenticator": Authenticator.objects.filter(user=user, confirmed=True).first(),
        "codes_left": user.recovery_codes.filter(used_at=None).count(),
        "events": user.security_events.select_related("actor")[:LATEST],
    }
    return render(request, "accounts/security.html", context)
