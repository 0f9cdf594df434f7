"""The application that gunicorn serves: Django, behind a check for requests that Django itself fails on."""

import os
from collections.abc import Iterable
from typing import TYPE_CHECKING

from django.core.wsgi import get_wsgi_application
from django.utils.http import parse_header_parameters

from web.bodies import UNREADABLE

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "wallet_site.settings")


def readable_only(application: "WSGIApplication") -> "WSGIApplication":
    """Marks for a 400 (see `BodyMiddleware`) what no page of ours and no browser sends, and takes it out.

    A charset other than UTF-8 may name a codec that Django fails on while it makes the request, where no middleware
    can catch it; and PostgreSQL knows no NUL. (A NUL in a form is told beside its field.)
    """

    def check(environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        if not is_readable(environ.get("CONTENT_TYPE", ""), environ.get("QUERY_STRING", "")):
            environ |= {"CONTENT_TYPE": "", "QUERY_STRING": "", UNREADABLE: True}
        return application(environ, start_response)

    return check


def is_readable(content_type: str, query: str) -> bool:
    try:
        _, parameters = parse_header_parameters(content_type)
    except ValueError:
        return False
    return parameters.get("charset", "utf-8").lower() in ("utf-8", "utf8") and "%00" not in query


application = readable_only(get_wsgi_application())
