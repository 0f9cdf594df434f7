"""A forgotten password: a mailed link and a code of the authenticator (or a recovery code) make a new one."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_safe

from accounts import letters
from accounts.access import kept_forms
from accounts.access.decorators import keeps, page_and_form, public
from accounts.entry import mailed_links, shown_codes
from accounts.entry.forms import EmailForm
from accounts.entry.recovering import new_password
from accounts.entry.recovering.forms import ResetForm
from accounts.entry.signing_in import sign_in
from accounts.errors import ChangedMeanwhile
from accounts.guard import known_browsers, rates
from accounts.guard.refusals import is_proved
from accounts.models import User


@public
@keeps("email")
@page_and_form
def recover(request: HttpRequest) -> HttpResponse:
    """One answer for every email."""
    form = EmailForm(request.POST or None, initial=kept_forms.put_back(request))
    if request.method == "POST" and form.is_valid() and letters.answered(request, form, _mail_link):
        return redirect("accounts:recover_sent")
    return render(request, "accounts/recover.html", {"form": form})


def _mail_link(request: HttpRequest, email: str) -> None:
    """A link is made in any case, so that an unknown email is answered as slowly; without a user it opens nothing."""
    is_known = User.objects.filter(email=email, is_active=True).exists()
    link = mailed_links.new(mailed_links.Purpose.PASSWORD, email)
    texts: dict[str, dict[str, object]] = {
        "unknown": {"link": letters.page("accounts:register")},
        "reset": {"link": link, "minutes": mailed_links.VALID_MINUTES[mailed_links.Purpose.PASSWORD]},
    }
    letters.send_one(request, email, "reset" if is_known else "unknown", texts)


@public
@require_safe
def recover_sent(request: HttpRequest) -> HttpResponse:
    context = {"mail": request.session.get(letters.DEMO_MAIL), "again": "accounts:recover"}
    return render(request, "accounts/register_sent.html", context)


@public
@require_safe
def reset(request: HttpRequest, token: str) -> HttpResponse:
    """The mailed link: the token moves into the session and out of the address."""
    if not mailed_links.keep(request, mailed_links.Purpose.PASSWORD, token):
        return _expired(request)
    return redirect("accounts:reset_form")


@public
@sensitive_post_parameters()
@page_and_form
def reset_form(request: HttpRequest) -> HttpResponse:
    link = mailed_links.kept(request, mailed_links.Purpose.PASSWORD)
    user = mailed_links.owner(link) if link else None
    if link is None or user is None:
        return _expired(request)
    # Who never finished set-up has no authenticator to ask, and no money to lose.
    asks_code = user.is_staff or user.authenticators.filter(confirmed=True).exists()
    form = ResetForm(request.POST or None, user=user, asks_code=asks_code, recovery="recovery" in request.GET)
    if request.method == "POST" and form.is_valid() and (not asks_code or _is_proved(request, user, form)):
        try:
            new_password.reset_password(request, token=link, user=user, password=form.cleaned_data["password"])
        except (mailed_links.TokenSpent, ChangedMeanwhile):
            return _expired(request)
        request.session.flush()
        messages.success(request, "Your password is changed. Sign in with it now.")
        response = redirect("accounts:login")
        if asks_code:
            shown_codes.say_left(request, user, form.cleaned_data["code"])
            # link and code were right: a stranger's guesses from now on do not keep this browser out
            known_browsers.remember(request, response, user)
        return response
    return render(request, "accounts/reset.html", {"form": form})


def _is_proved(request: HttpRequest, user: User, form: ResetForm) -> bool:
    code: str = form.cleaned_data["code"]

    def prove() -> None:
        # A counter of its own: whoever holds the mailed link is not kept out by a stranger's guesses at the sign-in.
        sign_in.second_factor(request, user, code, subject=rates.pseudonym("reset", str(user.id)))

    return is_proved(request, user, form, prove, field="code", wrong="This code is not right.")


def _expired(request: HttpRequest) -> HttpResponse:
    return render(request, "accounts/link_expired.html", {"again": "accounts:recover"}, status=410)
