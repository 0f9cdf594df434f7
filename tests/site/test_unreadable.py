"""What no browser sends, somebody will: it is a 400, never a 500."""

import io
from wsgiref.util import setup_testing_defaults

import pytest
from django.test import Client

from wallet_site.wsgi import application

pytestmark = pytest.mark.django_db
FORM = "application/x-www-form-urlencoded"


def status(method: str, url: str, content_type: str = "", body: bytes = b"", cookie: str = "") -> str:
    """As gunicorn calls it."""
    path, _, query = url.partition("?")
    environ = {
        "REQUEST_METHOD": method, "PATH_INFO": path, "QUERY_STRING": query, "CONTENT_TYPE": content_type,
        "CONTENT_LENGTH": str(len(body)), "wsgi.input": io.BytesIO(body), "HTTP_HOST": "testserver", "HTTP_COOKIE": cookie,
    }  # fmt: skip
    setup_testing_defaults(environ)
    answers: list[str] = []
    list(application(environ, lambda answer, headers, exc_info=None: answers.append(answer)))  # type: ignore[arg-type]
    return answers[0][:3]


@pytest.mark.parametrize("charset", ["latin-1", "utf-16", "ascii", "rot13", "hex", "undefined"])
@pytest.mark.parametrize("path", ["/register/", "/login/", "/theme/", "/logout/"])
def test_a_form_in_another_charset_is_refused(path: str, charset: str) -> None:
    assert status("POST", path, f"{FORM}; charset={charset}", b"x=1") == "400"


@pytest.mark.parametrize("charset", ["rot13", "hex", "idna", "punycode", "undefined", "no-such-codec"])
@pytest.mark.parametrize("url", ["/?x=1", "/healthz?x=1", "/nowhere/?x=1", "/admin/?x=1"])
def test_a_codec_that_is_none_of_text_is_refused(url: str, charset: str) -> None:
    assert status("GET", url, f"text/plain; charset={charset}") == "400"


@pytest.mark.parametrize("charset", ["utf-8", "UTF-8", '"utf-8"', "utf8"])
def test_utf_8_is_read(charset: str) -> None:
    assert status("POST", "/theme/", f"{FORM}; charset={charset}", b"theme=dark") == "403"  # without its CSRF token
    assert status("GET", "/help/?x=1", f"text/plain; charset={charset}") == "200"


@pytest.mark.parametrize(
    "path", ["ledger/account/?kind__exact", "ledger/entry/?side__exact", "accounts/securityevent/?kind__exact"]
)
def test_a_nul_in_a_query_is_refused(path: str) -> None:
    assert status("GET", f"/admin/{path}=payment") == "302"  # to the sign-in
    assert status("GET", f"/admin/{path}=%00") == "400"


def test_the_page_for_a_bad_request_does_not_read_it_again() -> None:
    client = Client(raise_request_exception=False)
    assert client.generic("POST", "/login/", b"x=1", f"{FORM}; charset=latin-1").status_code == 400
