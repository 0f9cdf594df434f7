"""The session's cookie in a browser with two windows."""

from django.conf import settings
from django.contrib.auth import SESSION_KEY as USER_ID
from django.contrib.sessions.middleware import SessionMiddleware as DjangoSessionMiddleware
from django.http import HttpRequest, HttpResponse


class SessionMiddleware(DjangoSessionMiddleware):
    """Django's, except for what it does to the cookie of a browser with two windows.

    A request that was on its way while another one gave the session a new key finds none under the old key. Django
    would answer it by deleting the cookie, which holds the new key by then, and sign both windows out. And a failure
    after a new key was given must still tell the browser which it is.
    """

    def process_response(self, request: HttpRequest, response: HttpResponse) -> HttpResponse:
        session = request.session
        if session.replaced and not session.get(USER_ID):  # type: ignore[attr-defined]
            return response  # a stranger's session, for a form to be kept or a message, would take the new key's place
        if settings.SESSION_COOKIE_NAME in request.COOKIES and session.is_empty() and not session.ended:  # type: ignore[attr-defined]
            return response
        if response.status_code == 500 and session.rotated:  # type: ignore[attr-defined]
            self._send_key(session.session_key or "", response)
            return response
        return super().process_response(request, response)

    @staticmethod
    def _send_key(key: str, response: HttpResponse) -> None:
        response.set_cookie(
            settings.SESSION_COOKIE_NAME,
            key,
            secure=settings.SESSION_COOKIE_SECURE,
            httponly=True,
            samesite=settings.SESSION_COOKIE_SAMESITE,  # type: ignore[arg-type]
        )
