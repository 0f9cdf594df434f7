"""Balances are masked on the server until the view PIN is given, and again soon after."""

from datetime import datetime
from urllib.parse import urlsplit

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme

from accounts import stepup


def shown_until(request: HttpRequest) -> datetime | None:
    """Until when this session shows balances; None while they are masked."""
    return stepup.active_until(request)


def mask_again(response: HttpResponse, until: datetime | None) -> HttpResponse:
    """Has the browser load a page with balances again as soon as they are masked, also without JavaScript."""
    if until is not None:
        seconds = max(0, int((until - timezone.now()).total_seconds())) + 1
        response["Refresh"] = str(seconds)
    return response


def local_next(request: HttpRequest) -> str:
    """Where the form's `next` field leads, if that is a page of ours; else the wallet."""
    target = request.POST.get("next") or request.GET.get("next") or ""
    is_ours = target.startswith("/") and url_has_allowed_host_and_scheme(target, allowed_hosts=None)
    return target if is_ours and urlsplit(target).path != reverse("payments:reveal") else reverse("payments:wallet")
