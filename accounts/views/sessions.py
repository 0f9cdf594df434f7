"""Where one is signed in, and for how long."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from accounts import events, sessions
from accounts.decorators import background
from accounts.middleware import touch


@require_http_methods(["GET", "HEAD", "POST"])
def sessions_page(request: HttpRequest) -> HttpResponse:
    """List them; POST `session` (an id of one's own, or "others") ends what it names."""
    user = request.user
    assert user.is_authenticated
    current = sessions.digest(request.session.session_key or "")
    mine = user.sessions.alive()
    if request.method == "POST":
        others = mine.exclude(session_key=current)
        wanted = request.POST.get("session", "")
        chosen = others if wanted == "others" else others.filter(pk=_uuid(wanted))
        ended, _ = chosen.delete()
        if ended:
            events.record(request, user, events.Kind.SESSION_ENDED)
            messages.success(request, "Signed out there.")
        return redirect("accounts:sessions")
    listed = [(session, session.session_key == current) for session in mine.order_by("-last_used_at")]
    return render(request, "accounts/sessions.html", {"sessions": listed})


@background
@require_http_methods(["GET", "HEAD", "POST"])
def session(request: HttpRequest) -> HttpResponse:
    """Seconds until this session ends. Asking changes nothing; a POST ("stay signed in") counts as use."""
    assert isinstance(request.session, sessions.SessionStore)
    if request.method == "POST":
        touch(request, now=True)
    return JsonResponse({"seconds": request.session.seconds_left()})


def _uuid(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        return UUID(int=0)
