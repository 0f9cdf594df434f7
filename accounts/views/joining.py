"""Opening an account: email, mailed link, name and password."""

from uuid import UUID

import structlog
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_safe

from accounts import events, joining, mail, signin
from accounts.decorators import public
from accounts.forms import EmailForm, JoinForm, handle_taken
from accounts.models import MailedToken, User

logger = structlog.get_logger(__name__)
INVITATION = "invitation"
NO_ID = UUID(int=0)


@public
@require_http_methods(["GET", "HEAD", "POST"])
def register(request: HttpRequest) -> HttpResponse:
    """One answer for every email; what the mail says is for its owner only."""
    form = EmailForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        email: str = form.cleaned_data["email"]
        try:
            if mail.may_send(request, email):
                _invite(request, email)
            return redirect("accounts:register_sent")
        except OSError:
            logger.exception("mail_not_sent")
            form.add_error(None, "We cannot send mail at the moment. Please try again in a few minutes.")
    return render(request, "accounts/register.html", {"form": form})


def _invite(request: HttpRequest, email: str) -> None:
    if User.objects.by_email(email):
        mail.send(request, email, "already", {"link": mail.page(request, "accounts:login")})
    else:
        link = mail.new_link(request, mail.Purpose.JOIN, email)
        mail.send(request, email, "join", {"link": link, "minutes": mail.VALID_MINUTES[mail.Purpose.JOIN]})


@public
@require_safe
def register_sent(request: HttpRequest) -> HttpResponse:
    context = {"mail": request.session.get(mail.DEMO_MAIL), "again": "accounts:register"}
    return render(request, "accounts/register_sent.html", context)


@public
@require_safe
def join(request: HttpRequest, token: str) -> HttpResponse:
    """The mailed link: the token moves into the session and out of the address bar, history and referrers."""
    invitation = mail.find(mail.Purpose.JOIN, token)
    if invitation is None:
        return render(request, "accounts/link_expired.html", {"again": "accounts:register"}, status=410)
    request.session[INVITATION] = str(invitation.id)
    return redirect("accounts:join_form")


@public
@sensitive_post_parameters()
@require_http_methods(["GET", "HEAD", "POST"])
def join_form(request: HttpRequest) -> HttpResponse:
    invitation = MailedToken.objects.filter(
        pk=request.session.get(INVITATION, NO_ID), used_at=None, expires_at__gt=timezone.now()
    ).first()
    if invitation is None:
        return render(request, "accounts/link_expired.html", {"again": "accounts:register"}, status=410)
    form = JoinForm(request.POST or None, email=invitation.email)
    if request.method == "POST" and form.is_valid():
        try:
            user = joining.join(invitation=invitation, **form.cleaned_data)
        except joining.HandleTaken:
            form.add_error("handle", handle_taken())
        except joining.EmailTaken:
            form.add_error(None, "You have opened an account with this email meanwhile. Sign in instead.")
        except joining.TokenSpent:
            return render(request, "accounts/link_expired.html", {"again": "accounts:register"}, status=410)
        else:
            signin.enter(request, user, None)
            events.record(request, user, events.Kind.JOINED)
            return redirect("accounts:setup_totp")
    return render(request, "accounts/join.html", {"form": form, "email": invitation.email})
