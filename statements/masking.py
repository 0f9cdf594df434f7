"""Balances are masked on the server until the view PIN is given, and again soon after."""

from collections.abc import Mapping
from datetime import datetime
from urllib.parse import urlsplit

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render, resolve_url
from django.urls import reverse
from django.utils import timezone

from accounts.access import step_up
from web.addresses import page as page_of_ours


def shown_until(request: HttpRequest) -> datetime | None:
    """Until when this session shows balances; None while they are masked."""
    return step_up.active_until(request)


def page(request: HttpRequest, template: str, context: Mapping[str, object]) -> HttpResponse:
    """A page with balances on it, which are hidden again in time: by app.js, which leaves focus and scrolling alone, or
    without JavaScript by the browser, which loads the page again."""
    until = shown_until(request)
    if until is None:
        return render(request, template, context)
    return render(request, template, {**context, "shown_until": until, "reload_in": seconds_to(until)})


def seconds_to(until: datetime) -> int:
    """Whole seconds, after which the moment has certainly passed."""
    return max(0, int((until - timezone.now()).total_seconds())) + 1


def local_next(request: HttpRequest) -> str:
    """Where the form's `next` field leads, if that is a page of ours; else the wallet."""
    target = page_of_ours(request.POST.get("next") or request.GET.get("next") or "")
    return (
        target
        if target and urlsplit(target).path != reverse("statements:reveal")
        else resolve_url(settings.LOGIN_REDIRECT_URL)
    )
