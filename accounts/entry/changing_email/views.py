"""Another email address: asking for it, and the page behind the link in each of the two mailboxes."""

from uuid import UUID

import structlog
from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_safe

from accounts import letters
from accounts.access import kept_forms
from accounts.access.decorators import form_of, keeps, page_and_form, public, signed_in
from accounts.entry import shown_codes
from accounts.entry.changing.views import RECOVERY, is_changed
from accounts.entry.changing_email import change_email
from accounts.entry.changing_email.change_email import OLD, Over
from accounts.entry.changing_email.forms import STOP, AnswerForm, NewEmailForm
from accounts.errors import ChangedMeanwhile
from accounts.guard import known_browsers
from accounts.models import EmailChange, User
from accounts.people import emails

logger = structlog.get_logger(__name__)
LINK = "email_link"  # in the session: which wish, and which mailbox's side of it
DEMO_MAILS = "demo_email_mails"
NO_MAIL = "We cannot send mail at the moment, so nothing was changed. Please try again in a few minutes."


@keeps("email")
@sensitive_post_parameters()
@page_and_form
def email(request: HttpRequest) -> HttpResponse:
    """One answer, whoever has the address that is asked for."""
    user = signed_in(request)
    form = NewEmailForm(
        request.POST or None, user=user, recovery=RECOVERY in request.GET, initial=kept_forms.put_back(request)
    )
    if is_changed(request, user, form, lambda data: _ask(request, user, form)) and form.is_valid():
        shown_codes.say_left(request, user, form.cleaned_data["code"])
        messages.success(request, "We have sent a link to both addresses. Open both of them.")
        return redirect("accounts:change_email")
    change = change_email.waiting().filter(user=user).first()
    context = {
        "form": form,
        "change": change,
        "new_email": emails.shown(change.new_email) if change else "",
        "mails": request.session.get(DEMO_MAILS) if settings.DEMO and change else None,
    }
    return render(request, "accounts/change_email.html", context)


def _ask(request: HttpRequest, user: User, form: NewEmailForm) -> None:
    change, links = change_email.ask(request, user, form.cleaned_data["email"])
    try:
        change_email.tell_new(request, change, links["new"])
        shown = [request.session.pop(letters.DEMO_MAIL, None)]
        change_email.tell_old(request, change, links["old"])
    except OSError:
        logger.exception("mail_not_sent")
        change_email.stop(request, user)
        form.add_error(None, NO_MAIL)
    else:
        if settings.DEMO:
            request.session[DEMO_MAILS] = [mail for mail in (*shown, request.session.get(letters.DEMO_MAIL)) if mail]


@form_of("accounts:change_email")
def stop(request: HttpRequest) -> HttpResponse:
    user = signed_in(request)
    change_email.stop(request, user)
    messages.success(request, "Your email address stays as it is.")
    return redirect("accounts:change_email")


@public
@require_safe
def link(request: HttpRequest, token: str) -> HttpResponse:
    """The mailed link: the token moves into the session and out of the address."""
    found = change_email.opened(token)
    if found is None:
        return _over(request)
    change, side = found
    request.session[LINK] = [str(change.pk), side]
    return redirect("accounts:email_form")


@public
@page_and_form
def answer(request: HttpRequest) -> HttpResponse:
    """Whoever has the mailbox agrees, or, in the one that counts today, stops it."""
    change, side = _kept(request)
    if change is None:
        return _over(request)
    form = AnswerForm(request.POST or None)
    context = {"change": change, "is_old": side == OLD, "new_email": emails.shown(change.new_email), "form": form}
    if request.method != "POST" or not form.is_valid():
        return render(request, "accounts/email_link.html", context)
    if form.cleaned_data["answer"] == STOP and side == OLD:
        change_email.stop(request, change.user)
        return render(request, "accounts/email_link.html", context | {"is_stopped": True})
    try:
        is_done = change_email.confirm(request, change, side)
    except (Over, ChangedMeanwhile):
        return _over(request)
    return _done(request, change) if is_done else render(request, "accounts/email_link.html", context | {"waits": True})


def _kept(request: HttpRequest) -> tuple[EmailChange | None, str]:
    kept = request.session.get(LINK)
    if not kept:
        return None, ""
    return change_email.waiting().filter(pk=UUID(kept[0])).first(), kept[1]


def _done(request: HttpRequest, change: EmailChange) -> HttpResponse:
    request.session.pop(LINK, None)
    messages.success(request, "Your email address is changed. All other sessions have ended.")
    if request.user.is_authenticated and request.user.pk == change.user_id and request.user.is_verified():
        response = redirect("accounts:settings")
        known_browsers.remember(request, response, request.user)
        return response
    return redirect("accounts:login")


def _over(request: HttpRequest) -> HttpResponse:
    return render(request, "accounts/link_expired.html", {"again": "accounts:change_email"}, status=410)
