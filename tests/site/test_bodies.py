"""A view that takes files says so, and how much; all others take none."""

import io
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpRequest, HttpResponse
from django.test import Client
from django.urls import include, path

from accounts.access.decorators import public
from tests.site.test_unreadable import status
from wallet_site.wsgi import application
from web.bodies import takes_files

pytestmark = pytest.mark.django_db
MOST = 400_000
handler400 = "wallet_site.errors.bad_request"


@public
@takes_files(most_bytes=MOST)
def upload(request: HttpRequest) -> HttpResponse:
    found = request.FILES.get("statement")
    return HttpResponse(f"{found.size if found else 0} {request.POST.get('note', '')}")


urlpatterns = [path("upload/", upload, name="upload"), path("", include("wallet_site.urls"))]


def a_file(size: int) -> Any:
    return SimpleUploadedFile("statement.xml", b"x" * size, "text/xml")


@pytest.mark.urls(__name__)
def test_a_view_that_takes_files_gets_them_up_to_its_own_limit(client: Client) -> None:
    assert client.post("/upload/", {"statement": a_file(300_000), "note": "May"}).content == b"300000 May"
    answer = client.post("/upload/", {"statement": a_file(MOST)})
    assert answer.status_code == 413
    assert "390.6\xa0KB, its file included" in answer.content.decode()


@pytest.mark.urls(__name__)
@pytest.mark.parametrize("size", [0, 1, 1000, MOST])
def test_beside_it_no_view_gets_any(client: Client, size: int) -> None:
    for page in ("/theme/", "/login/", "/admin/"):
        assert client.post(page, {"statement": a_file(size)}).status_code == 413


@pytest.mark.asvs("5.2.1")
@pytest.mark.parametrize("size", [0, 1, 1000])
def test_the_smallest_file_is_one_too_many(client: Client, size: int) -> None:
    answer = client.post("/login/", {"email": "a@example.com", "password": "x", "photo": a_file(size)})
    assert answer.status_code == 413
    assert "no files" in answer.content.decode()


def test_a_form_sent_in_parts_is_a_form(client: Client) -> None:
    """As scripts and tests send them; an empty file input, too, is no file."""
    assert client.post("/theme/", {"theme": "dark"}).status_code == 302
    part = '--b\r\nContent-Disposition: form-data; name="{}"{}\r\n\r\n{}\r\n'
    body = part.format("theme", "", "dark") + part.format("photo", '; filename=""', "") + "--b--\r\n"
    answer = client.generic("POST", "/theme/", body.encode(), "multipart/form-data; boundary=b")
    assert (answer.status_code, client.cookies["theme"].value) == (302, "dark")


@pytest.mark.parametrize("length", ["-1", "1e3", "+5", "9" * 30, "٣", "0x10"])
def test_a_length_that_is_none_is_refused(length: str) -> None:
    answer = Client().generic("POST", "/login/", b"", CONTENT_LENGTH=length)
    assert answer.status_code in (400, 413)


@pytest.mark.parametrize("body", [b"", b"x" * 256 * 1024])
def test_the_limit_itself_may_be_reached(body: bytes) -> None:
    assert Client().generic("POST", "/login/", body, "application/octet-stream").status_code == 200


def test_what_cannot_be_read_gets_a_page_of_ours_and_its_headers() -> None:
    assert status("POST", "/login/", "text/plain; charset=rot13", b"x=1") == "400"
    answers: list[Any] = []
    environ = {
        "REQUEST_METHOD": "GET", "PATH_INFO": "/help/", "QUERY_STRING": "x=%00", "wsgi.input": io.BytesIO(),
        "SERVER_NAME": "testserver", "SERVER_PORT": "80", "wsgi.url_scheme": "http",
    }  # fmt: skip
    body = b"".join(application(environ, lambda *answer: answers.append(answer)))  # type: ignore[arg-type]
    assert answers[0][0].startswith("400")
    assert {"Content-Security-Policy", "X-Request-Id", "X-Content-Type-Options"} <= dict(answers[0][1]).keys()
    assert b"We could not read that request" in body
