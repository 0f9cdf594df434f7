"""What somebody typed survives the end of their session and a page that is out of date: set aside, and put back.

Only the fields that a view names with `keeps`, so never a secret. They wait in the browser's session, on the server,
for the user whose page it was (`{% typed_by %}` in the form says so), and are shown to nobody else.
See docs/adr/0036-typed-text-waits-in-the-session.md.
"""

import time
from collections.abc import Iterator
from contextlib import contextmanager

from django.contrib import messages
from django.http import HttpRequest
from django.utils.crypto import salted_hmac

from accounts.models import User

KEY = "typed"
FIELD = "typed_by"
SALT = "accounts.typed"
SECONDS = 15 * 60
MOST = 1000  # characters of all fields: what is longer was not typed into a form of ours

SIGNED_OUT = "You were signed out, after a while without use or from another device. "
OUT_OF_DATE = "This page was out of date, as after signing in or out in another tab. "


def set_aside(request: HttpRequest) -> None:
    """Keep the fields of this form, which was not used, and have the next page say what became of them."""
    is_kept = _keep(request)
    if not request.user.is_authenticated and not _is_public(request):
        rest = "Nothing was done yet. Sign in, and the form comes back as you filled it in, without its secrets."
        lost = "What you filled in just now was not used: sign in and enter it again."
        messages.info(request, SIGNED_OUT + (rest if is_kept else lost))
    else:
        rest, lost = "check it and send it again.", "do it again."
        messages.warning(request, f"{OUT_OF_DATE}Nothing was done yet: {rest if is_kept else lost}")


def put_back(request: HttpRequest) -> dict[str, str]:
    """What the form on this page held, once; empty when there is nothing, or it is another user's or too old."""
    kept = request.session.get(KEY)
    if request.method == "POST" or not kept or kept["path"] != request.path:
        return {}
    del request.session[KEY]
    fields: dict[str, str] = kept["fields"]
    return fields if kept["by"] == mark_of(request.user) and time.time() < kept["until"] else {}


def mark_of(user: object) -> str:
    """By it a form is known to be of this user's page, without telling who that is; empty for a stranger."""
    return salted_hmac(SALT, str(user.pk), algorithm="sha256").hexdigest() if isinstance(user, User) else ""


@contextmanager
def carried(request: HttpRequest, user: User) -> Iterator[None]:
    """Inside it the session is replaced by one of this user's, who finds there what they had typed before."""
    kept = request.session.get(KEY)
    yield
    if kept and kept["by"] == mark_of(user):
        request.session[KEY] = kept


def _keep(request: HttpRequest) -> bool:
    match = request.resolver_match
    names: tuple[str, ...] = getattr(match.func, "kept_fields", ()) if match else ()
    fields = {name: request.POST[name] for name in names if request.POST.get(name)}
    here = mark_of(request.user)
    by = request.POST.get(FIELD, here)
    is_somebodys = by == here if here or _is_public(request) else bool(by)
    if not fields or not is_somebodys or sum(map(len, [by, *fields.values()])) > MOST:
        return False
    request.session[KEY] = {"path": request.path, "fields": fields, "by": by, "until": time.time() + SECONDS}
    return True


def _is_public(request: HttpRequest) -> bool:
    return bool(request.resolver_match and getattr(request.resolver_match.func, "access", "") == "public")
