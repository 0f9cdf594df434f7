"""Opening an account: email, mailed link, name and password."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_safe

from accounts import events, letters
from accounts.access import kept_forms
from accounts.access.decorators import keeps, page_and_form, public
from accounts.entry import mailed_links
from accounts.entry.forms import EmailForm
from accounts.entry.joining import open_account
from accounts.entry.joining.forms import JoinForm
from accounts.entry.signing_in import sign_in
from accounts.models import User
from accounts.people import emails

HANDLE_TAKEN = "This @handle, or one that looks like it, belongs to somebody. Choose another one."
TOO_MANY_HANDLES = "Many @handles were asked for, so we look none up for you at the moment. Try again in an hour."


@public
@keeps("email")
@page_and_form
def register(request: HttpRequest) -> HttpResponse:
    """One answer for every email; what the mail says is for its owner only."""
    form = EmailForm(request.POST or None, initial=kept_forms.put_back(request))
    if request.method == "POST" and form.is_valid() and letters.answered(request, form, _invite):
        return redirect("accounts:register_sent")
    return render(request, "accounts/register.html", {"form": form})


def _invite(request: HttpRequest, email: str) -> None:
    """A link is made in any case, so that a known email is answered as slowly; only new ones are mailed it."""
    known = User.objects.filter(email=email).exists()
    link = mailed_links.new(mailed_links.Purpose.JOIN, email)
    texts: dict[str, dict[str, object]] = {
        "already": {"link": letters.page("accounts:login")},
        "join": {"link": link, "minutes": mailed_links.VALID_MINUTES[mailed_links.Purpose.JOIN]},
    }
    letters.send_one(request, email, "already" if known else "join", texts)


@public
@require_safe
def register_sent(request: HttpRequest) -> HttpResponse:
    context = {"mail": request.session.get(letters.DEMO_MAIL), "again": "accounts:register"}
    return render(request, "accounts/register_sent.html", context)


@public
@require_safe
def join(request: HttpRequest, token: str) -> HttpResponse:
    """The mailed link: the token moves into the session and out of the address bar, history and referrers."""
    if not mailed_links.keep(request, mailed_links.Purpose.JOIN, token):
        return _expired(request)
    return redirect("accounts:join_form")


@public
@keeps("full_name", "handle")
@sensitive_post_parameters()
@page_and_form
def join_form(request: HttpRequest) -> HttpResponse:
    invitation = mailed_links.kept(request, mailed_links.Purpose.JOIN)
    if invitation is None:
        return _expired(request)
    form = JoinForm(request.POST or None, email=invitation.email, initial=kept_forms.put_back(request))
    if request.method == "POST" and form.is_valid():
        try:
            open_account.ask_for_handle(request, invitation)
            user = open_account.join(invitation=invitation, **form.cleaned_data)
        except open_account.HandleTaken:
            form.add_error("handle", HANDLE_TAKEN)
        except open_account.TooManyHandles:
            form.add_error("handle", TOO_MANY_HANDLES)
        except open_account.EmailTaken:
            form.add_error(None, "You have opened an account with this email meanwhile. Sign in instead.")
        except mailed_links.TokenSpent:
            return _expired(request)
        else:
            open_account.handle_was_free(request, invitation)
            sign_in.enter(request, user, None)
            events.record(request, user, events.Kind.JOINED)
            return redirect("accounts:setup_totp")
    return render(request, "accounts/join.html", {"form": form, "email": emails.shown(invitation.email)})


def _expired(request: HttpRequest) -> HttpResponse:
    return render(request, "accounts/link_expired.html", {"again": "accounts:register"}, status=410)
