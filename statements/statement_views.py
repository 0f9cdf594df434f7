"""Statements, one function a page. Their files hold balances, so each takes the view PIN, like a balance on a page."""

import uuid
from datetime import timedelta
from itertools import groupby
from urllib.parse import urlencode

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.text import slugify
from django.views.decorators.http import require_safe

from accounts.access.decorators import customer_required, form_of, page_and_form, signed_in
from ledger.models import Account, Entry
from statements import content, making, masking, pdf_parts, sealing
from statements.formats import FORMATS, json
from statements.masking import shown_until
from statements.models import Seal, Statement
from statements.statement_forms import PeriodForm

LISTED, LINES = 50, 25  # requested statements on the list; entries of one on its page
LOOK_AGAIN = 4  # seconds, while the worker is at it
WATCHED = timedelta(minutes=2)  # after that a page waits for a press: a page that loads itself keeps a session alive


@customer_required
@page_and_form
def statements(request: HttpRequest) -> HttpResponse:
    account = Account.objects.for_owner(signed_in(request))
    form = PeriodForm(request.POST if request.method == "POST" else None, opened=making.opening_day(account))
    if form.is_valid():
        try:
            made = making.make_requested(account, form.cleaned_data["first_day"], form.cleaned_data["last_day"])
        except making.TooManyRequests:
            form.add_error(None, "You have asked for many statements today. Ask for more tomorrow.")
        else:
            return redirect("statements:statement", made.id)
    newest_first = Statement.objects.filter(account=account).defer("names").order_by("-number")
    monthly = newest_first.filter(kind=Statement.Kind.MONTHLY)
    context = {
        "years": [(year, list(group)) for year, group in groupby(monthly, key=lambda one: one.first_day.year)],
        "requested": newest_first.filter(kind=Statement.Kind.REQUESTED)[:LISTED],
        "currency": account.currency,
        "formats": FORMATS.values(),
        "form": form,
    }
    if request.method == "POST":  # a page that loads itself again would ask whether to send the form again
        return render(request, "statements/statements.html", context)
    return masking.page(request, "statements/statements.html", context)


def own_statement(request: HttpRequest, statement_id: uuid.UUID) -> Statement:
    """Raises Http404 for a statement that does not exist or is somebody else's, alike."""
    found = Statement.objects.select_related("account__owner")
    return get_object_or_404(found, id=statement_id, account__owner=signed_in(request))


@customer_required
@require_safe
def statement(request: HttpRequest, statement_id: uuid.UUID) -> HttpResponse:
    found = own_statement(request, statement_id)
    entries = Entry.objects.filter(account=found.account, seq__range=(found.first_seq, found.last_seq))
    lines = list(content.lines_of(found.account, entries.order_by("seq")[:LINES], found.names))
    context = {
        "statement": found,
        "currency": found.account.currency,
        "lines": lines,
        "more": found.count - len(lines),
        "formats": FORMATS.values(),
        "is_signed": Seal.objects.filter(statement=found).exclude(note="").exists(),
        "progress": pdf_parts.progress(found) if found.is_large else None,
        "part_numbers": range(1, found.parts + 1),
    }
    response = masking.page(request, "statements/statement.html", context)
    if _is_watched(found):
        response["Refresh"] = str(min(LOOK_AGAIN, int(response.get("Refresh") or LOOK_AGAIN)))
    return response


def _is_watched(found: Statement) -> bool:
    """Whether parts that were asked for a moment ago are still to come."""
    since = timezone.now() - WATCHED
    return found.is_large and found.pdf_parts.filter(next_at__isnull=False, asked_at__gt=since).exists()


@customer_required
@require_safe
def download(request: HttpRequest, statement_id: uuid.UUID, suffix: str) -> HttpResponse:
    """The statement as a file. Without the view PIN it leads there, and from there to the statement's page."""
    found = own_statement(request, statement_id)
    if suffix == "pdf" and found.is_large:
        return stored_pdf(request, found, 1) if found.parts == 1 else redirect("statements:statement", found.id)
    if not shown_until(request):
        return ask_for_pin(found)
    if suffix == "pdf" and sealing.is_awaited(found):
        return redirect("statements:statement", found.id)  # which says so: the proof is to be in it
    form = FORMATS[suffix]
    return file_of(found, form.render(content.read(found)), suffix)


@customer_required
@require_safe
def signed(request: HttpRequest, statement_id: uuid.UUID) -> HttpResponse:
    """The statement and the bank's signature, for whoever is to check it; to its page while it is not signed."""
    found = own_statement(request, statement_id)
    if not shown_until(request):
        return ask_for_pin(found)
    data = content.read(found)
    if not data.signature:
        return redirect("statements:statement", found.id)
    return file_of(found, json.signed(data).encode(), "proof.json")


@customer_required
@require_safe
def pdf_part(request: HttpRequest, statement_id: uuid.UUID, part: int) -> HttpResponse:
    """One PDF of a large statement, which the worker has made; to its page while it has not."""
    found = own_statement(request, statement_id)
    if not found.is_large or not 1 <= part <= found.parts:
        raise Http404
    return stored_pdf(request, found, part)


def stored_pdf(request: HttpRequest, found: Statement, part: int) -> HttpResponse:
    if not shown_until(request):
        return ask_for_pin(found)
    made = pdf_parts.find(found, part)
    if made is None:
        return redirect("statements:statement", found.id)
    return file_of(found, made, "pdf", part=part if found.parts > 1 else None)


@customer_required
@form_of("statements:statements")
def prepare_pdf(request: HttpRequest, statement_id: uuid.UUID) -> HttpResponse:
    found = own_statement(request, statement_id)
    if found.is_large:
        pdf_parts.ask(found)
    return redirect("statements:statement", found.id)


def ask_for_pin(found: Statement) -> HttpResponse:
    """A file leaves the page that asked for it standing, so afterwards it is the statement's page, not the file's."""
    back = urlencode({"next": reverse("statements:statement", args=[found.id])})
    return redirect(f"{reverse('statements:reveal')}?{back}")


def file_of(found: Statement, body: bytes, suffix: str, *, part: int | None = None) -> HttpResponse:
    response = HttpResponse(body, content_type=FORMATS[suffix.rpartition(".")[2]].content_type)
    response["Content-Disposition"] = f'attachment; filename="{file_name(found, suffix, part)}"'
    return response


def file_name(found: Statement, suffix: str, part: int | None) -> str:
    """ASCII letters, digits and hyphens, whatever the bank is called: "twofold-2026-10-statement-7.pdf"."""
    days = f"{found.first_day:%Y-%m}" if found.is_monthly else f"{found.first_day}-to-{found.last_day}"
    number = found.number if found.is_monthly else f"r{found.number}"
    of = f"-part-{part}" if part else ""
    return f"{slugify(found.bank) or 'bank'}-{days}-statement-{number}{of}.{suffix}"
