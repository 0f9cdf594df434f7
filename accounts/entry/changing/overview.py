"""A user's own settings."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from accounts.access.decorators import signed_in
from accounts.entry.changing import region
from accounts.models import Authenticator
from web import regions

LATEST = 20


@require_safe
def settings_page(request: HttpRequest) -> HttpResponse:
    context = {"written": region.written(regions.active()), "bank_zone": settings.TIME_ZONE}
    return render(request, "accounts/settings.html", context)


@require_safe
def security(request: HttpRequest) -> HttpResponse:
    user = signed_in(request)
    context = {
        "authenticator": Authenticator.objects.filter(user=user, confirmed=True).first(),
        "codes_left": user.recovery_codes.filter(used_at=None).count(),
        "events": user.security_events.select_related("actor")[:LATEST],
    }
    return render(request, "accounts/security.html", context)
