"""/settings/data/: asking for everything held about oneself, waiting for it, downloading it."""

from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_safe

from accounts import events
from accounts.access import step_up
from accounts.access.decorators import background, customer_required, form_of, page_and_form, signed_in
from accounts.entry import shown_codes
from accounts.entry.changing.forms import ConfirmedForm
from accounts.entry.changing.views import RECOVERY, is_changed
from accounts.models import User
from wallet_site.own_data import requests
from wallet_site.own_data.models import Archive, Request

PAUSE = 5  # seconds between two looks of a page that waits


@customer_required
@sensitive_post_parameters()
@page_and_form
def page(request: HttpRequest) -> HttpResponse:
    user = signed_in(request)
    form = ConfirmedForm(request.POST or None, user=user, recovery=RECOVERY in request.GET)
    if is_changed(request, user, form, lambda data: requests.ask(request, user)):
        shown_codes.say_left(request, user, form.cleaned_data["code"])
        messages.success(request, "We are putting it together. You can leave this page and come back.")
        return redirect("own_data:page")
    return _show(request, form, requests.latest(user))


@customer_required
@background
@require_safe
def waiting(request: HttpRequest) -> HttpResponse:
    """Where the page goes by itself while it waits: that keeps no session alive."""
    user = signed_in(request)
    wish = requests.latest(user)
    if wish is None or not wish.is_waiting:
        return redirect("own_data:page")
    return _show(request, ConfirmedForm(user=user), wish)


@customer_required
@form_of("own_data:page")
def download(request: HttpRequest) -> HttpResponse:
    """Behind the view PIN, for it holds balances. Whoever comes without goes to give it, and comes back to the page."""
    user = signed_in(request)
    if not step_up.active(request):
        return redirect(_reveal())
    file = Archive.objects.filter(request__user=user, request__expires_at__gt=timezone.now()).first()
    if file is None:
        messages.warning(request, "There is no file any more. Ask for a new one.")
        return redirect("own_data:page")
    events.record(request, user, events.Kind.OWN_DATA_FETCHED)
    return _attached(file, user)


def _show(request: HttpRequest, form: ConfirmedForm, wish: Request | None) -> HttpResponse:
    context = {
        "form": form,
        "wish": wish,
        "may_download": step_up.active(request),
        "reveal": _reveal(),
        "days": requests.DAYS,
    }
    response = render(request, "own_data/page.html", context)
    if wish and wish.is_waiting and request.method != "POST":
        response["Refresh"] = f"{PAUSE}; url={reverse('own_data:waiting')}"
    return response


def _reveal() -> str:
    return f"{reverse('statements:reveal')}?{urlencode({'next': reverse('own_data:page')})}"


def _attached(file: Archive, user: User) -> HttpResponse:
    day = timezone.localdate().isoformat()
    response = HttpResponse(bytes(file.content), content_type="application/zip")
    response["Content-Disposition"] = f'attachment; filename="own-data-{user.handle}-{day}.zip"'
    return response
