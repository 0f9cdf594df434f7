"""What browsers are told, on every page, and what requests may hold."""

import os
import subprocess
import sys

import pytest
from django.test import Client

from tests.people import make_customer, make_staff, sign_in
from wallet_site.environment import BASE_DIR

pytestmark = pytest.mark.django_db
PAGES = ["/", "/help/", "/login/", "/register/", "/settings/", "/nothing/here/", "/healthz"]


@pytest.fixture(scope="module")
def production() -> str:
    """Production's settings, as Django prints them."""
    command = [sys.executable, "-m", "tests.production", "manage.py", "diffsettings", "--all"]
    environment = os.environ | {"BCRYPT_ROUNDS": "12"}
    done = subprocess.run(command, cwd=BASE_DIR, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.asvs("3.4.3", "3.4.6", "3.2.1")
@pytest.mark.parametrize("path", [*PAGES, "/admin/", "/admin/accounts/user/"])
def test_the_policy_is_strict_on_every_page(client: Client, path: str) -> None:
    sign_in(make_staff(is_superuser=True) if path.startswith("/admin/") else make_customer(), client)
    policy = client.get(path)["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "base-uri 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy
    assert "data:" not in policy
    assert "*" not in policy


@pytest.mark.asvs("3.4.4", "3.4.5", "3.4.8", "3.5.8", "3.4.2", "4.1.1")
@pytest.mark.parametrize("path", PAGES)
def test_the_other_headers_are_on_every_page(client: Client, path: str) -> None:
    sign_in(make_customer(), client)
    answer = client.get(path)
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Referrer-Policy"] == "same-origin"
    assert answer["Cross-Origin-Opener-Policy"] == "same-origin"
    assert answer["Cross-Origin-Resource-Policy"] == "same-origin"
    assert "camera=()" in answer["Permissions-Policy"]
    assert "Access-Control-Allow-Origin" not in answer
    assert "charset=utf-8" in answer["Content-Type"]


@pytest.mark.asvs("3.3.1", "3.3.2", "3.3.3", "3.3.4", "3.4.1", "12.2.1", "13.4.2")
@pytest.mark.parametrize(
    "line",
    [
        "SESSION_COOKIE_NAME = '__Host-session'",
        "SESSION_COOKIE_SECURE = True",
        "SESSION_COOKIE_HTTPONLY = True",
        "SESSION_COOKIE_SAMESITE = 'Lax'",
        "CSRF_COOKIE_NAME = '__Host-csrf'",
        "CSRF_COOKIE_SECURE = True",
        "CSRF_COOKIE_HTTPONLY = True",
        "SECURE_SSL_REDIRECT = True",
        "SECURE_HSTS_SECONDS = 63072000",
        "SECURE_HSTS_INCLUDE_SUBDOMAINS = True",
        "DEBUG = False",
        "DEMO = False",
    ],
)
def test_in_production_cookies_and_transport_are_locked(production: str, line: str) -> None:
    assert line in production.replace("### ", "").replace("  ###", "")


@pytest.mark.asvs("3.5.1", "3.5.3")
@pytest.mark.parametrize("path", ["/login/", "/register/", "/recover/", "/logout/", "/settings/security/password/"])
def test_a_form_from_elsewhere_is_refused(path: str) -> None:
    client = Client(enforce_csrf_checks=True)
    sign_in(make_customer(), client)
    assert client.post(path, {"email": "x@example.com", "password": "x"}).status_code == 403


@pytest.mark.asvs("5.2.1", "15.2.2")
def test_requests_too_large_are_refused(client: Client) -> None:
    assert client.post("/login/", {"email": "a" * 300_000}).status_code == 413
    assert client.post("/login/", {f"field{number}": "x" for number in range(101)}).status_code == 400
    assert client.post("/login/", b"x" * 300_000, content_type="application/x-www-form-urlencoded").status_code == 413


@pytest.mark.asvs("13.4.4")
@pytest.mark.parametrize("method", ["TRACE", "PUT", "DELETE", "PATCH"])
def test_methods_that_no_page_uses_are_refused(client: Client, method: str) -> None:
    assert client.generic(method, "/login/").status_code in (403, 405)


@pytest.mark.asvs("15.3.7")
def test_a_parameter_in_the_address_is_not_one_of_the_form(client: Client) -> None:
    assert client.post("/login/?email=a@example.com&password=xxxx").status_code == 200


@pytest.mark.asvs("6.2.6", "6.2.7")
def test_secrets_are_masked_and_may_be_pasted(client: Client) -> None:
    page = client.get("/login/").content.decode()
    assert 'type="password"' in page
    assert 'autocomplete="current-password"' in page
    assert "maxlength" not in page.split('name="password"')[1].split(">")[0]
    assert "onpaste" not in page


@pytest.mark.asvs("7.4.4")
def test_every_page_behind_the_sign_in_offers_the_way_out(client: Client) -> None:
    sign_in(make_customer(), client)
    for path in ("/settings/", "/settings/security/", "/settings/sessions/", "/wallet/"):
        assert 'action="/logout/"' in client.get(path).content.decode()


@pytest.mark.asvs("7.4.2", "8.3.2")
def test_somebody_deactivated_is_out_at_once(client: Client) -> None:
    alice = make_customer()
    sign_in(alice, client)
    alice.is_active = False
    alice.save()
    assert client.get("/settings/")["Location"].startswith("/login/")
