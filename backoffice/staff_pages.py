"""What every page of the staff's site does: an odd filter gets the plain list, a refused write a line in the log."""

from collections.abc import Callable
from functools import wraps
from typing import Any

import structlog
from django.contrib import messages
from django.contrib.admin.options import IncorrectLookupParameters
from django.contrib.admin.views.main import ERROR_FLAG, SEARCH_VAR
from django.core.exceptions import FieldError, PermissionDenied, ValidationError
from django.db import DataError, ProgrammingError
from django.http import Http404, HttpRequest, HttpResponseBase, QueryDict
from django.shortcuts import redirect
from django.template.response import SimpleTemplateResponse

from accounts import events
from web.redact import redact

View = Callable[..., HttpResponseBase]
logger = structlog.get_logger(__name__)

# What Django and PostgreSQL raise for a value that a column cannot be compared with.
ODD = (
    ValidationError, ValueError, TypeError, LookupError, ArithmeticError, FieldError, DataError, ProgrammingError,
    IncorrectLookupParameters,
)  # fmt: skip
MOST_TYPED = 200  # characters, of a filter's value
# A search says itself how long it may be; and a whole query is handed by Django from a list to the pages behind it.
ANY_LENGTH = (SEARCH_VAR, "_changelist_filters")
READING = ("GET", "HEAD", "OPTIONS", "TRACE")


def staff_page(view: View) -> View:
    """Raises what the view raises, but for a question that makes no sense: that is the plain list with a message, or a
    404 where an object was asked for. A failure without any question in the address is a failure of ours.
    """

    @wraps(view)
    def page(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if is_odd(request.GET):
            return plain_list(request)
        try:
            response = view(request, *args, **kwargs)
            if isinstance(response, SimpleTemplateResponse):
                response.render()  # the queries of a list are made while it is written
        except PermissionDenied:
            note_refused_write(request)
            raise
        except ODD as odd:
            logger.info("odd_question", kind=type(odd).__name__)
            if request.GET:
                return plain_list(request)
            if args or kwargs:
                raise Http404 from odd
            raise
        if response.get("Location", "").endswith(f"?{ERROR_FLAG}=1"):
            return plain_list(request)
        if response.status_code == 405 or "action" in request.POST:
            note_refused_write(request)
        return response

    return page


def is_odd(query: QueryDict) -> bool:
    """No page of ours asks like this: patterns, which may keep the database busy; NUL; more than anybody types."""
    return ERROR_FLAG in query or any(
        "regex" in name or "\0" in name + value or (len(value) > MOST_TYPED and name not in ANY_LENGTH)
        for name, values in query.lists()
        for value in values
    )


def plain_list(request: HttpRequest) -> HttpResponseBase:
    messages.warning(request, "This search or filter makes no sense here, so nothing was filtered.")
    return redirect(request.path)


def note_refused_write(request: HttpRequest) -> None:
    """A write that a member of staff tried and may not do: in their security log, and with the address in ours."""
    user = request.user
    if request.method in READING or not user.is_authenticated or not user.is_staff:
        return
    events.record(request, user, events.Kind.WRITE_REFUSED)
    logger.warning("staff_write_refused", user_id=str(user.pk), request=f"{request.method} {redact(request.path)}")
