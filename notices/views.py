"""The notices on the site, one function a page."""

import uuid

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_safe

from accounts.access.decorators import customer_required, form_of, page_and_form, signed_in
from notices import inbox
from notices.forms import PreferencesForm
from notices.models import SECURITY, Channel, Notice
from notices.words import words


@customer_required
@require_safe
def listed(request: HttpRequest) -> HttpResponse:
    """Newest first; `?before=<id>` goes on behind that one."""
    before = own_notice(request, request.GET["before"]) if "before" in request.GET else None
    page = inbox.page(signed_in(request), before=before)
    newest = page.notices[0] if page.notices and before is None else None
    context = {"notices": page.notices, "older": page.older, "newest": newest, "is_first_page": before is None}
    return render(request, "notices/list.html", context)


@customer_required
@require_safe
def opened(request: HttpRequest, notice_id: uuid.UUID) -> HttpResponse:
    """On to what it is about; from then on it is read."""
    notice = own_notice(request, notice_id)
    if request.method == "GET":
        inbox.read(notice)
    return redirect(words(notice).path)


@customer_required
@form_of("notices:list")
def all_read(request: HttpRequest) -> HttpResponse:
    """Up to the newest one that the page showed."""
    inbox.read_all(signed_in(request), until=own_notice(request, request.POST.get("until", "")))
    messages.success(request, "All your notices are marked as read.")
    return redirect("notices:list")


@customer_required
@page_and_form
def preferences(request: HttpRequest) -> HttpResponse:
    form = PreferencesForm(request.POST if request.method == "POST" else None, user=signed_in(request))
    if form.is_valid():
        form.save()
        messages.success(request, "Saved: this is what you are told about from now on.")
        return redirect("notices:preferences")
    context = {"form": form, "channels": Channel.labels, "security": [kind.label for kind in SECURITY]}
    return render(request, "notices/preferences.html", context)


def own_notice(request: HttpRequest, notice_id: uuid.UUID | str) -> Notice:
    """Raises Http404 for what is no id, for no notice, and for somebody else's, alike."""
    try:
        wanted = notice_id if isinstance(notice_id, uuid.UUID) else uuid.UUID(notice_id)
    except ValueError as error:
        raise Http404 from error
    return get_object_or_404(Notice, id=wanted, user=signed_in(request))
