"""What the site run as in production tells browsers, and what it does not serve."""

import re
from email.message import Message

import pytest

from tests.security.conftest import Production, Travelled
from tests.security.raw import send

BEFORE_A_SESSION = ("/", "/login/", "/recover/", "/recover/sent/", "/register/", "/register/sent/")
SET = re.compile(r"(?P<name>[^=;]+)=(?P<value>[^;]*)(?P<attributes>.*)", re.S)


@pytest.fixture(scope="module")
def answers(travelled: Travelled) -> list[tuple[str, Message]]:
    """The headers of every page of the whole journey, by request."""
    found = [pair for who in travelled.people for pair in who.answers()]
    assert len(found) > 60
    return found


@pytest.mark.asvs("3.3.1", "3.3.2", "3.3.3", "3.3.4")
def test_every_cookie_is_secure_for_this_host_only_and_out_of_scripts_reach(
    answers: list[tuple[str, Message]],
) -> None:
    names = set()
    for request, headers in answers:
        for line in headers.get_all("Set-Cookie", []):
            cookie = SET.fullmatch(line)
            assert cookie
            names.add(cookie["name"])
            attributes = {part.strip() for part in cookie["attributes"].split(";")}
            is_deleted = cookie["value"] in ("", '""')
            wanted = {"Secure", "Path=/"} if is_deleted else {"Secure", "Path=/", "HttpOnly", "SameSite=Lax"}
            assert wanted <= attributes, (request, line)
            assert "Domain" not in line
    assert names >= {"__Host-session", "__Host-csrf", "__Host-device", "__Host-messages"}
    assert all(name.startswith("__Host-") for name in names)


@pytest.mark.asvs("3.4.1", "3.4.3", "3.4.4", "3.4.5", "3.4.6", "3.4.8", "3.5.8")
@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("Strict-Transport-Security", "max-age=63072000; includeSubDomains"),
        ("X-Content-Type-Options", "nosniff"),
        ("Referrer-Policy", "same-origin"),
        ("Cross-Origin-Opener-Policy", "same-origin"),
        ("Cross-Origin-Resource-Policy", "same-origin"),
        ("X-Frame-Options", "DENY"),
        ("Content-Security-Policy", "default-src 'none'"),
        ("Content-Security-Policy", "base-uri 'none'"),
        ("Content-Security-Policy", "frame-ancestors 'none'"),
    ],
)
def test_every_answer_carries(answers: list[tuple[str, Message]], name: str, value: str) -> None:
    assert [request for request, headers in answers if value not in headers.get(name, "")] == []


@pytest.mark.asvs("14.2.2", "14.3.2")
def test_no_answer_of_the_journey_may_be_kept(answers: list[tuple[str, Message]]) -> None:
    kept = {request for request, headers in answers if "no-store" not in headers.get("Cache-Control", "")}
    assert kept <= {f"GET {path}" for path in BEFORE_A_SESSION} | {"POST /register/"}


@pytest.mark.asvs("14.2.3")
def test_no_page_asks_anybody_else_for_anything(travelled: Travelled) -> None:
    for who in travelled.people:
        elsewhere = re.findall(r'(?:src|href|action)="(?!otpauth:|mailto:)([a-z]+:)?//[^"]*"', who.page.content())
        assert elsewhere == []
        assert who.complaints == []


@pytest.mark.asvs("13.4.1", "13.4.3", "13.4.5", "15.2.3")
@pytest.mark.parametrize(
    "path",
    [
        "/.git/config", "/.git/HEAD", "/static/", "/static/css/", "/static/..%2f..%2f.env", "/.env", "/manage.py",
        "/static/%2e%2e/%2e%2e/manage.py", "/metrics", "/styleguide/", "/admin/doc/",
    ],
)  # fmt: skip
def test_it_serves_no_file_of_the_project_no_listing_and_no_page_for_developers(
    production: Production, path: str
) -> None:
    answer = send(production.site.port, "GET", path, headers={})
    assert answer.status == 404 or re.search(r"(?i)\r\nlocation: /login/", answer.head)


@pytest.mark.asvs("13.4.4", "4.1.4")
@pytest.mark.parametrize("method", ["TRACE", "TRACK", "CONNECT", "PUT", "DELETE", "PATCH", "OPTIONS"])
def test_it_knows_no_method_but_those_of_pages(production: Production, method: str) -> None:
    answer = send(production.site.port, method, "/login/", headers={})
    assert answer.status in (400, 403, 405)
    assert "203.0.113.7" not in answer.body


@pytest.mark.asvs("4.1.2", "12.2.1")
def test_http_leads_to_https_and_health_checks_answer_as_they_are(production: Production) -> None:
    answer = send(production.site.port, "GET", "/login/", headers={"X-Forwarded-Proto": "http"})
    assert answer.status == 301 and re.search(r"(?i)\r\nlocation: https://", answer.head)
    asked = send(production.site.port, "GET", "/healthz", headers={"Host": "127.0.0.1"}, usual=False)
    assert asked.status == 200
