"""Moving money, one function a page. Balances come masked: see `statements.masking`."""

import uuid

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.cache import get_conditional_response
from django.views.decorators.http import require_safe

from accounts.access import kept_forms
from accounts.access.decorators import background, customer_required, form_of, keeps, page_and_form, signed_in
from accounts.credentials.forms import ViewPinForm
from accounts.errors import CodeUsed, ProofOutdated, SecretLocked, WrongSecret
from accounts.guard.refusals import refuse_pin
from inputs.fields import SLACK
from ledger.db import SerializationExhausted, prove_replicated
from ledger.models import Account, Entry
from ledger.orders import AccountNotOpen, InsufficientFunds, LedgerError
from ledger.outages import OutcomeUnknown
from notices import inbox
from payments import demo_money, gate, last_draft, live, payees
from payments.forms import PAYEE_LONGEST, PayeeForm, PayeeSearchForm, PaymentPinForm, PinAndCodeForm, SendForm
from payments.models import NOTE_LENGTH, Payee, Payment
from payments.rules import CodeNeeded, reason_for_code
from statements import lines, masking
from statements.fields import AMOUNT_LONGEST
from statements.masking import shown_until
from statements.proofs.documents import waits_for
from statements.search import Filter

LATEST = 5  # lines of activity on the wallet page
AT_HAND, LISTED = 6, 100  # payees
WHOM = {"to", "from", "amount"}  # an address with one of them is about one payment
LONGEST = {"payee": PAYEE_LONGEST, "amount": AMOUNT_LONGEST, "note": SLACK * NOTE_LENGTH}  # characters
OVERTAKEN: dict[type[Exception], str] = {
    CodeNeeded: "Nothing was sent yet: another payment went out meanwhile.",
    ProofOutdated: "Nothing was sent: your PIN, password or session was changed meanwhile. Check the payment again.",
}


@customer_required
@require_safe
def wallet(request: HttpRequest) -> HttpResponse:
    account = Account.objects.for_owner(signed_in(request))
    context = {
        "account": account,
        "lines": lines.page(account, size=LATEST).lines,
        "reveal_form": ViewPinForm(),
        "may_take_demo_money": demo_money.is_offered_to(account),
        "demo_money": settings.DEMO_MONEY,
    }
    return masking.page(request, "payments/wallet.html", context)


@customer_required
@background
@require_safe
def latest(request: HttpRequest) -> HttpResponse:
    """What the wallet page asks for while it is open: the parts that money moves, or 304 when none has."""
    account, until = Account.objects.for_owner(signed_in(request)), shown_until(request)
    unread = inbox.unread_text(signed_in(request))
    etag = live.tag(account, until, unread)
    if unchanged := get_conditional_response(request, etag=etag):
        return unchanged
    context = {"account": account, "lines": lines.page(account, size=LATEST).lines, "unread": unread}
    response = render(request, "payments/latest.html", context | ({"shown_until": until} if until else {}))
    response["ETag"] = etag
    return response


@customer_required
@form_of("payments:wallet")
def take_demo_money(request: HttpRequest) -> HttpResponse:
    if not settings.DEMO:
        raise Http404
    account = Account.objects.for_owner(signed_in(request))
    try:
        if demo_money.is_offered_to(account):
            demo_money.give(account, signed_in(request))
            messages.success(request, "Demo money is in your wallet.")
        else:
            prove_replicated()
            messages.info(request, "This wallet has had its demo money.")
    except OutcomeUnknown:
        messages.warning(request, "We are checking whether the demo money has arrived. Asking again gives it once.")
    except LedgerError as refusal:
        messages.error(request, ledger_refusal(refusal))
    return redirect("payments:wallet")


@customer_required
@keeps("payee", "amount", "note")
@page_and_form
def send(request: HttpRequest) -> HttpResponse:
    payer = signed_in(request)
    payee = Payee.objects.of(payer).payable().with_handle(request.GET.get("to", ""))
    known = payee.person if payee else None
    if request.method == "POST":
        form = SendForm(request.POST, payer=payer, known=known, may_look_up=bool(known) or payees.may_look_up(payer))
        form.full_clean()
        if not known and not form.has_error("payee", "unknown"):
            payees.was_not_unknown(payer)
        if form.is_valid():
            payment = Payment.objects.draft(
                payer=payer,
                payee=form.cleaned_data["payee"],
                amount=form.cleaned_data["amount"],
                note=form.cleaned_data["note"],
            )
            last_draft.remember(request, payment)
            return redirect("payments:send_check", payment.id)
    else:
        form = SendForm(payer=payer, known=known, initial=earlier_values(request) | kept_forms.put_back(request))
    context: dict[str, object] = {"form": form, "payee": payee}
    if request.method != "POST" and not request.GET.keys() & WHOM:
        context |= own_payees(request, most=AT_HAND)
    return render(request, "payments/send.html", context)


def own_payees(request: HttpRequest, *, most: int) -> dict[str, object]:
    """The customer's payees, or those that are searched for. One more is asked for, to say that there are more."""
    own = Payee.objects.of(signed_in(request)).payable()
    search = PayeeSearchForm(request.GET)
    asked = search.cleaned_data["q"] if search.is_valid() else ""
    found = [] if search.errors else list((own.called(asked) if asked else own)[: most + 1])
    return {"search": search, "asked": asked, "payees": found[:most], "has_more": len(found) > most}


@customer_required
@require_safe
def payee_list(request: HttpRequest) -> HttpResponse:
    return render(request, "payments/payees.html", own_payees(request, most=LISTED))


@customer_required
@page_and_form
def payee_detail(request: HttpRequest, payee_id: uuid.UUID) -> HttpResponse:
    """Who they are to the customer, and what was paid either way."""
    owner = signed_in(request)
    payee = get_object_or_404(Payee.objects.of(owner), id=payee_id)
    initial = {"nickname": payee.nickname, "starred": payee.starred}
    form = PayeeForm(request.POST if request.method == "POST" else None, initial=initial)
    if form.is_valid():
        Payee.objects.filter(pk=payee.pk).update(**form.cleaned_data)
        messages.success(request, "Saved.")
        return redirect("payments:payee", payee.pk)
    try:
        before = lines.parse_before(request.GET.get("before"))
    except ValueError as error:
        raise Http404 from error
    account, theirs = Account.objects.for_owner(owner), Account.objects.for_owner(payee.person)
    page = Filter(other=theirs.pk).page(account, before=before)
    context = {"payee": payee, "form": form, "page": page, "is_first_page": before is None}
    return masking.page(request, "payments/payee.html", context)


def session_id(request: HttpRequest) -> uuid.UUID | None:
    """Of the session's row as this request found it."""
    row = getattr(request.session, "row", None)
    return row.id if row else None


def earlier_values(request: HttpRequest) -> dict[str, str]:
    """What was typed here a moment ago, what a draft of one's own said (`?from=<uuid>`), or what the address says.

    Raises Http404.
    """
    if typed := last_draft.of(request):
        return typed
    draft_id = request.GET.get("from")
    if draft_id is None:
        given = {"payee": "to", "amount": "amount", "note": "note"}
        said = {field: request.GET.get(name, "") for field, name in given.items()}
        return {field: text if len(text) <= LONGEST[field] else "" for field, text in said.items()}
    try:
        payment = own_payment(request, uuid.UUID(draft_id))
    except ValueError as error:
        raise Http404 from error
    return payment.as_typed()


def own_payment(request: HttpRequest, payment_id: uuid.UUID) -> Payment:
    """Raises Http404 for a draft that does not exist or is somebody else's, alike."""
    drafts = Payment.objects.select_related("payer_account", "payee_account__owner")
    return get_object_or_404(drafts, id=payment_id, payer=signed_in(request))


@customer_required
@page_and_form
def send_check(request: HttpRequest, payment_id: uuid.UUID) -> HttpResponse:
    payment = own_payment(request, payment_id)
    if payment.transfer is not None:
        return redirect("payments:send_done", payment.id)
    if payment.is_expired:
        return expired(request, payment)
    reason = reason_for_code(payment)
    form_class = PinAndCodeForm if reason else PaymentPinForm
    form = form_class(request.POST if request.method == "POST" else None)
    if form.is_valid():
        try:
            gate.confirm(payment=payment, payer=signed_in(request), session=session_id(request), **form.cleaned_data)
            return redirect("payments:send_done", payment.id)
        except (CodeNeeded, ProofOutdated) as overtaken:
            messages.warning(request, OVERTAKEN[type(overtaken)])
            return redirect("payments:send_check", payment.id)
        except CodeUsed:
            form.add_error("code", "This code was used before. Wait for the next one in your app, up to 30 seconds.")
        except (WrongSecret, SecretLocked) as refusal:
            refuse_pin(request, signed_in(request), form, refusal)
        except gate.PaymentExpired:
            return expired(request, payment)
        except OutcomeUnknown:
            return checking(request, payment)
        except LedgerError as refusal:
            form.add_error(None, ledger_refusal(refusal))
    payee = Payee.objects.of(signed_in(request)).filter(person=payment.payee).first()
    context = {
        "payment": payment,
        "payee": payee,
        "change": f"to=@{payment.payee.handle}&from={payment.id}" if payee else f"from={payment.id}",
        "form": form,
        "reason_for_code": reason,
        "new_payee_code_from": settings.NEW_PAYEE_CODE_FROM,
        "code_from": settings.CODE_FROM,
    }
    return render(request, "payments/send_check.html", context | balance_after(request, payment))


def balance_after(request: HttpRequest, payment: Payment) -> dict[str, object]:
    """Only worked out for who may see it: for all others it would be an oracle."""
    context: dict[str, object] = {}
    if until := shown_until(request):
        context["shown_until"] = until
        try:
            context["balance_after"] = gate.balance_after(payment)
        except InsufficientFunds:
            context["is_too_much"] = True
        except (LedgerError, SerializationExhausted):
            pass  # the page says that it is not known, and the confirm will say why
    return context


def ledger_refusal(refusal: LedgerError) -> str:
    if isinstance(refusal, InsufficientFunds):
        return "There is not enough money in your wallet for this payment. Nothing was sent."
    if isinstance(refusal, AccountNotOpen):
        return "One of the two accounts cannot take part in payments at the moment. Nothing was sent."
    return "This payment cannot be made. Nothing was sent."


def expired(request: HttpRequest, payment: Payment) -> HttpResponse:
    return render(request, "payments/send_expired.html", {"payment": payment}, status=410)


def checking(request: HttpRequest, payment: Payment) -> HttpResponse:
    """The books cannot say yet whether it was paid, and neither may we. Looks again by itself."""
    response = render(request, "payments/send_checking.html", {"payment": payment}, status=202)
    response["Refresh"] = f"5; url={payment.done_url}"
    return response


@customer_required
@require_safe
def send_done(request: HttpRequest, payment_id: uuid.UUID) -> HttpResponse:
    payment = own_payment(request, payment_id)
    entry = Entry.objects.of(payment.payer_account).filter(transfer_id=payment.id).first()
    if entry is None:
        return expired(request, payment) if payment.is_certainly_unpaid else checking(request, payment)
    try:
        prove_replicated(entry.posted_at)
    except OutcomeUnknown:
        return checking(request, payment)
    context = {"line": lines.Line(entry), "payment": payment, "proof_waits": waits_for(entry.transfer)}
    return masking.page(request, "payments/send_done.html", context)
