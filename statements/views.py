"""Reading money: the activity, a receipt, and the mask over balances."""

import uuid

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_safe

from accounts import events
from accounts.access import step_up
from accounts.access.decorators import customer_required, form_of, page_and_form, signed_in
from accounts.credentials.forms import ViewPinForm
from accounts.credentials.hashing import Kind
from accounts.errors import SecretLocked, WrongSecret
from accounts.guard.attempts import prove
from accounts.guard.refusals import refuse_pin
from ledger.db import prove_replicated
from ledger.models import Account, Entry
from statements import chart, lines, masking
from statements.masking import local_next, shown_until


@customer_required
@page_and_form
def reveal(request: HttpRequest) -> HttpResponse:
    form = ViewPinForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        try:
            prove(signed_in(request), Kind.VIEW_PIN, form.cleaned_data["pin"])
        except (WrongSecret, SecretLocked) as refusal:
            refuse_pin(request, signed_in(request), form, refusal)
        else:
            step_up.grant(request, "view")
            events.record(request, signed_in(request), events.Kind.STEPPED_UP)
            return redirect(local_next(request))
    return render(request, "statements/reveal.html", {"form": form, "next": local_next(request)})


@customer_required
@form_of(settings.LOGIN_REDIRECT_URL)
def hide(request: HttpRequest) -> HttpResponse:
    step_up.revoke(request, "view")
    return redirect(local_next(request))


@customer_required
@require_safe
def activity(request: HttpRequest) -> HttpResponse:
    try:
        before = lines.parse_before(request.GET.get("before"))
    except ValueError as error:
        raise Http404 from error
    account = Account.objects.for_owner(signed_in(request))
    page = lines.page(account, before=before)
    is_first_page = before is None
    # Masked like a balance: in a wallet younger than the chart, what came in less what went out is the balance, and at
    # a glance. The lines below add up to it too, but only for somebody signed in who pages back to the first of them:
    # the mask is against glances (SECURITY.md), and a list without its amounts would be of no use.
    sums = chart.of(account) if is_first_page and shown_until(request) else None
    context = {
        "days": lines.by_day(page.lines),
        "older": page.older,
        "is_first_page": is_first_page,
        "chart": sums,
    }
    return masking.page(request, "statements/activity.html", context)


@customer_required
@require_safe
def activity_detail(request: HttpRequest, transfer_id: uuid.UUID) -> HttpResponse:
    account = Account.objects.for_owner(signed_in(request))
    entry = get_object_or_404(Entry.objects.of(account), transfer_id=transfer_id)
    prove_replicated(entry.posted_at)
    return masking.page(request, "statements/activity_detail.html", {"line": lines.Line(entry)})
