"""Whatever name or port a request says, links and redirects name the one that is configured."""

import itertools
import re
import socket
from urllib.parse import urlencode

import pytest

from tests.security.conftest import Production
from tests.security.raw import SECONDS, Answer, send

pytestmark = pytest.mark.usefixtures("travelled")  # whose logs are read as that journey left them

SITE = "https://wallet.example.com"
ADDRESSES = (f"198.51.100.{number}" for number in itertools.count(1))  # the limits of mails are by network
VARIANTS: list[dict[str, str]] = [
    {},
    {"Host": "wallet.example.com:31337"},
    {"Host": "wallet.example.com."},
    {"Host": "wallet.example.com.:31337"},
    {"Host": "WALLET.Example.COM"},
    {"Host": "127.0.0.1:31337"},
    {"X-Forwarded-Host": "evil.example"},
    {"X-Forwarded-Host": "wallet.example.com:31337", "X-Forwarded-Port": "31337"},
    {"Forwarded": "host=evil.example;proto=https"},
    {"X-Host": "evil.example", "X-Original-Host": "evil.example", "X-HTTP-Host-Override": "evil.example"},
    {"X-Original-URL": "/evil", "X-Rewrite-URL": "/evil"},
]
TARGETS = ["{}", "http://evil.example{}", "https://wallet.example.com:31337{}", "http://evil.example:31337{}"]


def a_form_to(production: Production, path: str) -> dict[str, str]:
    """The cookie and the token of a page, as a form of it sends them."""
    page = send(production.site.port, "GET", path, headers={})
    (cookie,) = re.findall("__Host-csrf=[^;]+", page.head)
    (token, *_) = re.findall('name="csrfmiddlewaretoken" value="([^"]+)"', page.body)
    return {"cookie": cookie, "token": token}


def post(production: Production, path: str, target: str, fields: dict[str, str], headers: dict[str, str]) -> Answer:
    form = a_form_to(production, path)
    body = urlencode({"csrfmiddlewaretoken": form["token"], **fields}).encode()
    usual = {
        "Cookie": form["cookie"], "Origin": SITE, "Content-Type": "application/x-www-form-urlencoded",
        "Content-Length": str(len(body)), "X-Forwarded-For": next(ADDRESSES),
    }  # fmt: skip
    return send(production.site.port, "POST", target.format(path), headers=usual | headers, body=body)


@pytest.mark.asvs("4.1.3")
@pytest.mark.parametrize(("path", "target"), [*(("/register/", target) for target in TARGETS), ("/recover/", "{}")])
@pytest.mark.parametrize("headers", VARIANTS, ids=lambda headers: " ".join(headers.values()) or "as it should be")
def test_a_mail_names_the_configured_address_only(
    production: Production, headers: dict[str, str], target: str, path: str
) -> None:
    before = len(production.mailbox.texts)
    answer = post(production, path, target, {"email": f"somebody.{before}@example.com"}, headers)
    assert answer.status == 302
    (mail,) = production.mailbox.texts[before:]
    (link,) = re.findall(r"\S+://\S+", mail)
    assert re.match(f"{SITE}/(join/[^/]+|register)/$", link)
    assert "evil" not in mail and "31337" not in mail


@pytest.mark.parametrize("host", ["evil.example", "wallet.example.com@evil.example", "wallet.example.com evil", ""])
def test_another_name_is_refused_and_gets_no_mail(production: Production, host: str) -> None:
    before = len(production.mailbox.texts)
    assert post(production, "/register/", "{}", {"email": "x@example.com"}, {"Host": host}).status == 400
    assert len(production.mailbox.texts) == before


@pytest.mark.asvs("12.2.1")
@pytest.mark.parametrize("target", TARGETS)
@pytest.mark.parametrize("headers", VARIANTS, ids=lambda headers: " ".join(headers.values()) or "as it should be")
def test_http_leads_to_the_configured_address_only(
    production: Production, headers: dict[str, str], target: str
) -> None:
    insecure = {"X-Forwarded-Proto": "http"} | headers
    answer = send(production.site.port, "GET", target.format("/login/"), headers=insecure)
    assert answer.status == 301
    assert re.findall(r"(?i)\r\nlocation: ([^\r\n]*)", answer.head) == [f"{SITE}/login/"]


@pytest.mark.parametrize("path", ["/healthz", "/readyz"])
@pytest.mark.parametrize("scheme", ["http", "https"])
@pytest.mark.parametrize("host", ["10.0.0.7", "10.0.0.7:8000", "[fd00::1]:8000", "evil.example", "a_b", "localhost"])
def test_who_asks_for_its_health_may_call_it_anything(
    production: Production, host: str, scheme: str, path: str
) -> None:
    answer = send(production.site.port, "GET", path, headers={"Host": host, "X-Forwarded-Proto": scheme})
    assert answer.status == 200
    assert host not in answer.head + answer.body


def test_also_by_no_name_at_all(production: Production) -> None:
    with socket.create_connection(("127.0.0.1", production.site.port), SECONDS) as connection:
        connection.sendall(b"GET /healthz HTTP/1.0\r\n\r\n")
        assert connection.recv(100).startswith(b"HTTP/1.0 200")


def test_no_other_page_answers_to_any_name(production: Production) -> None:
    for path in ("/", "/login/", "/healthz/", "/healthz/x", "//healthz", "/readyz?/healthz", "/help/?/healthz"):
        answer = send(production.site.port, "GET", path, headers={"Host": "evil.example"})
        assert answer.status == (200 if path.startswith("/readyz?") else 400), path
