"""Who may reach a view. A view without one of these needs a verified second factor and a finished set-up."""

from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar

from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect
from django.views.decorators.http import require_http_methods, require_POST

from accounts.models import User

View = TypeVar("View", bound=Callable[..., HttpResponseBase])

# A page with a form on it, which is sent back to it.
page_and_form = require_http_methods(["GET", "HEAD", "POST"])


def public(view: View) -> View:
    """Nobody needs to sign in."""
    view.access = "public"  # type: ignore[attr-defined]
    return view


def setup_step(view: View) -> View:
    """Signed in by password; the second factor is being set up, or was given and a later step is missing."""
    view.access = "setup"  # type: ignore[attr-defined]
    return view


def background(view: View) -> View:
    """Called by a page on its own: does not count as use, so that polling keeps no session alive."""
    view.background = True  # type: ignore[attr-defined]
    return view


def form_of(page: str) -> Callable[[View], View]:
    """Only takes a form, by POST. Whoever comes with anything else is shown the way to `page`, on which it stands."""

    def mark(view: View) -> View:
        posted: View = require_POST(view)
        posted.home = page  # type: ignore[attr-defined]
        return posted

    return mark


def keeps(*fields: str) -> Callable[[View], View]:
    """These fields hold no secret: what was typed into them survives the end of a session (see kept_forms.py)."""

    def mark(view: View) -> View:
        view.kept_fields = fields  # type: ignore[attr-defined]
        return view

    return mark


def customer_required(view: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
    """Staff have no wallet: they are sent to the admin."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if request.user.is_authenticated and request.user.is_staff:
            return redirect("admin:index")
        return view(request, *args, **kwargs)

    return guarded


def signed_in(request: HttpRequest) -> User:
    """Whose session it is, in a view that strangers do not reach."""
    user = request.user
    assert user.is_authenticated
    return user
