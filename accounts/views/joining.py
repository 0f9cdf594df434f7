"""Opening an account: email, mailed link, name and password."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_safe

from accounts import emails, events, joining, links, mail, signin, typed
from accounts.decorators import keeps, public
from accounts.forms import EmailForm, JoinForm
from accounts.models import User

HANDLE_TAKEN = "This @handle, or one that looks like it, belongs to somebody. Choose another one."
TOO_MANY_HANDLES = "Many @handles were asked for, so we look none up for you at the moment. Try again in an hour."


@public
@keeps("email")
@require_http_methods(["GET", "HEAD", "POST"])
def register(request: HttpRequest) -> HttpResponse:
    """One answer for every email; what the mail says is for its owner only."""
    form = EmailForm(request.POST or None, initial=typed.put_back(request))
    if request.method == "POST" and form.is_valid() and mail.answered(request, form, _invite):
        return redirect("accounts:register_sent")
    return render(request, "accounts/register.html", {"form": form})


def _invite(request: HttpRequest, email: str) -> None:
    """A link is made in any case, so that a known email is answered as slowly; only new ones are mailed it."""
    known = User.objects.filter(email=email).exists()
    link = links.new(links.Purpose.JOIN, email)
    letters: dict[str, dict[str, object]] = {
        "already": {"link": mail.page("accounts:login")},
        "join": {"link": link, "minutes": links.VALID_MINUTES[links.Purpose.JOIN]},
    }
    mail.send_one(request, email, "already" if known else "join", letters)


@public
@require_safe
def register_sent(request: HttpRequest) -> HttpResponse:
    context = {"mail": request.session.get(mail.DEMO_MAIL), "again": "accounts:register"}
    return render(request, "accounts/register_sent.html", context)


@public
@require_safe
def join(request: HttpRequest, token: str) -> HttpResponse:
    """The mailed link: the token moves into the session and out of the address bar, history and referrers."""
    if not links.keep(request, links.Purpose.JOIN, token):
        return _expired(request)
    return redirect("accounts:join_form")


@public
@keeps("full_name", "handle")
@sensitive_post_parameters()
@require_http_methods(["GET", "HEAD", "POST"])
def join_form(request: HttpRequest) -> HttpResponse:
    invitation = links.kept(request, links.Purpose.JOIN)
    if invitation is None:
        return _expired(request)
    form = JoinForm(request.POST or None, email=invitation.email, initial=typed.put_back(request))
    if request.method == "POST" and form.is_valid():
        try:
            joining.ask_for_handle(request, invitation)
            user = joining.join(invitation=invitation, **form.cleaned_data)
        except joining.HandleTaken:
            form.add_error("handle", HANDLE_TAKEN)
        except joining.TooManyHandles:
            form.add_error("handle", TOO_MANY_HANDLES)
        except joining.EmailTaken:
            form.add_error(None, "You have opened an account with this email meanwhile. Sign in instead.")
        except links.TokenSpent:
            return _expired(request)
        else:
            joining.handle_was_free(request, invitation)
            signin.enter(request, user, None)
            events.record(request, user, events.Kind.JOINED)
            return redirect("accounts:setup_totp")
    return render(request, "accounts/join.html", {"form": form, "email": emails.shown(invitation.email)})


def _expired(request: HttpRequest) -> HttpResponse:
    return render(request, "accounts/link_expired.html", {"again": "accounts:register"}, status=410)
