"""Where one is signed in, and for how long."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.views.decorators.debug import sensitive_post_parameters

from accounts import events
from accounts.access import kept_forms
from accounts.access.decorators import background, keeps, page_and_form, setup_step, signed_in
from accounts.credentials.hashing import Kind
from accounts.guard import attempts, known_browsers
from accounts.guard.refusals import is_proved
from accounts.models import User
from accounts.sessions import store
from accounts.sessions.forms import EndSessionForm
from accounts.sessions.use import touch


@keeps("session")
@sensitive_post_parameters()
@page_and_form
def sessions_page(request: HttpRequest) -> HttpResponse:
    """List one's own, and end one of the others, or all of them, with the password."""
    user = signed_in(request)
    current = store.digest(request.session.session_key or "")
    others = user.sessions.alive().exclude(session_key=current).order_by("-last_used_at")
    form = EndSessionForm(request.POST or None, others=others, initial=kept_forms.put_back(request))
    if request.method == "POST" and form.is_valid() and _password_is_right(request, user, form):
        form.cleaned_data["session"].delete()
        events.record(request, user, events.Kind.SESSION_ENDED)
        messages.success(request, "Signed out there.")
        return redirect("accounts:sessions")
    context = {"this": user.sessions.get(session_key=current), "others": others, "form": form}
    return render(request, "accounts/sessions.html", context)


def _password_is_right(request: HttpRequest, user: User, form: EndSessionForm) -> bool:
    password: str = form.cleaned_data["current_password"]
    return is_proved(
        request,
        user,
        form,
        lambda: attempts.prove(user, Kind.PASSWORD, password, subject=known_browsers.subject(request, user)),
        field="current_password",
        wrong="This is not your password.",
        guard=(known_browsers.subject(request, user), Kind.PASSWORD),
    )


@setup_step
@background
@page_and_form
def session(request: HttpRequest) -> HttpResponse:
    """Seconds until this session ends. Asking changes nothing; a POST ("stay signed in") counts as use."""
    assert isinstance(request.session, store.SessionStore)
    if request.method == "POST":
        touch(request, now=True)
    return JsonResponse({"seconds": request.session.seconds_left()})
