"""Reading money: the activity, a receipt, and the mask over balances."""

import uuid
from urllib.parse import urlencode

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, QueryDict, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
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
from statements import chart, lines, masking, months, tags
from statements.export import csv_of
from statements.formats import FORMATS
from statements.forms import FILTERS, MonthForm, SearchForm, TagForm
from statements.masking import local_next, shown_until
from statements.proofs.documents import waits_for
from statements.search import Filter


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
    form = SearchForm(request.GET, account=account)
    wanted = form.filter() if form.is_valid() else None
    page = found(account, wanted, before)
    is_whole = wanted == Filter() and before is None
    # Masked like a balance: in a wallet younger than the chart, what came in less what went out is the balance, and at
    # a glance. The lines below add up to it too, but only for somebody signed in who pages back to the first of them:
    # the mask is against glances (SECURITY.md), and a list without its amounts would be of no use.
    is_shown = shown_until(request) is not None
    context = {
        "form": form,
        "is_filtered": wanted != Filter(),
        "currency": account.currency,
        "months": lines.by_month(page.lines, account, with_sums=is_shown and wanted == Filter()),
        "older": page.older and f"?{without_place(request.GET)}before={page.older}",
        "newest": f"?{without_place(request.GET)}".rstrip("&?"),
        "is_first_page": before is None,
        "chart": chart.of(account) if is_whole and is_shown else None,
    }
    return masking.page(request, "statements/activity.html", context)


def found(account: Account, wanted: Filter | None, before: int | None) -> lines.Page:
    """Nothing for a filter that was refused: whatever else stood there would be wrong."""
    if wanted is None:
        return lines.Page([], None)
    return wanted.page(account, before=before) if wanted else lines.page(account, before=before)


def without_place(query: QueryDict) -> str:
    """The filter's own part of an address, ready for one more parameter."""
    asked = {name: value for name in FILTERS if (value := query.get(name))}
    return f"{urlencode(asked)}&" if asked else ""


@customer_required
@require_safe
def export(request: HttpRequest) -> HttpResponseBase:
    """What the filter lets through as a file; to the list for a filter that makes no sense, which says why there."""
    account = Account.objects.for_owner(signed_in(request))
    form = SearchForm(request.GET, account=account)
    back = f"{reverse('statements:activity')}?{without_place(request.GET)}".rstrip("&?")
    if not form.is_valid():
        return redirect(back)
    if not shown_until(request):
        return redirect(f"{reverse('statements:reveal')}?{urlencode({'next': back})}")
    response = StreamingHttpResponse(csv_of(account, form.filter()), content_type=FORMATS["csv"].content_type)
    response["Content-Disposition"] = 'attachment; filename="activity.csv"'
    return response


@customer_required
@require_safe
def activity_detail(request: HttpRequest, transfer_id: uuid.UUID) -> HttpResponse:
    entry = own_entry(request, transfer_id)
    prove_replicated(entry.posted_at)
    return detail(request, entry)


@customer_required
@page_and_form
def activity_tag(request: HttpRequest, transfer_id: uuid.UUID) -> HttpResponse:
    """Puts a tag on a line. Asked for by itself, it is the line's page, on which the form stands."""
    entry = own_entry(request, transfer_id)
    if request.method != "POST":
        return redirect("statements:activity_detail", transfer_id)
    form = TagForm(request.POST)
    if form.is_valid():
        try:
            tags.put(entry, form.cleaned_data["tag"])
        except tags.TooManyTags:
            form.add_error(
                "tag", f"You have {tags.MOST} different tags, and there is no room for more: use one of them."
            )
        else:
            return redirect("statements:activity_detail", transfer_id)
    return detail(request, entry, form)


def own_entry(request: HttpRequest, transfer_id: uuid.UUID) -> Entry:
    """Raises Http404 for a transfer that does not exist or is others', alike."""
    account = Account.objects.for_owner(signed_in(request))
    return get_object_or_404(Entry.objects.of(account), transfer_id=transfer_id)


def detail(request: HttpRequest, entry: Entry, form: TagForm | None = None) -> HttpResponse:
    tag = tags.of(entry)
    form = form or TagForm(initial={"tag": tag})
    context = {
        "line": lines.Line(entry),
        "form": form,
        "tag": tag,
        "tags": tags.names(entry.account),
        "proof_waits": waits_for(entry.transfer),
    }
    return masking.page(request, "statements/activity_detail.html", context)


@customer_required
@require_safe
def tag_sums(request: HttpRequest) -> HttpResponse:
    account = Account.objects.for_owner(signed_in(request))
    form = MonthForm(request.GET)
    month = (form.cleaned_data["month"] if form.is_valid() else None) or months.this()
    later = months.moved(month, 1)
    context = {
        "form": form,
        "account": account,
        "month": month,
        "named": months.named(month),
        "earlier": months.named(months.moved(month, -1)),
        "later": months.named(later) if later <= months.this() else None,
        "sums": tags.sums(account, month) if form.is_valid() else [],
        "has_tags": bool(tags.names(account)),
    }
    return masking.page(request, "statements/tags.html", context)
