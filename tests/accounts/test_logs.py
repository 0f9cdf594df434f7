"""No secret in any log, with every log at its most talkative, not even when something breaks."""

import http.cookiejar
import re
import urllib.error
import urllib.parse
import urllib.request
from pathlib import Path

import psycopg
import pyotp
import pytest

from tests.accounts.people import PASSWORD, PAYMENT_PIN, VIEW_PIN
from tests.running import RunningSite
from wallet_site.postgres import Cluster

WRONG = {"password": "a wrong horse battery", "PIN": "730518"}


class Browser:
    """Cookies, forms and redirects; nothing else."""

    def __init__(self, site: RunningSite) -> None:
        self.base = site.base_url
        self.cookies = http.cookiejar.CookieJar()
        self.opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(self.cookies))
        self.url = self.body = ""
        self.status = 0

    def get(self, path: str, data: bytes | None = None) -> str:
        url = urllib.parse.urljoin(self.base, path)
        request = urllib.request.Request(url, data, {"Referer": self.url or self.base})
        try:
            with self.opener.open(request, timeout=60) as answer:
                self.status, self.url, self.body = answer.status, answer.url, answer.read().decode()
        except urllib.error.HTTPError as error:
            self.status, self.body = error.code, error.read().decode()
        return self.body

    def post(self, path: str, **fields: str) -> str:
        token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', self.get(path) if path else self.body)
        assert token
        data = urllib.parse.urlencode({"csrfmiddlewaretoken": token[1], **fields}).encode()
        return self.get(path or self.url, data)


def everything(site: RunningSite) -> str:
    logs = [path.read_text(errors="replace") for path in site.data_dir.rglob("log*") if path.is_file()]
    return site.output + "".join(logs)


def travel(browser: Browser) -> dict[str, str]:
    """A whole journey with some wrong turns. The secrets met, by name."""
    page = browser.post("/register/", email="zelda@example.com")
    link = re.search(r"/join/([\w-]+)/", page)
    assert link
    browser.get(link[0])
    browser.post("", full_name="Zelda Quibble", handle="zelda_q", password=PASSWORD)
    key = re.search(r'class="keytext"[^>]*>\s*([A-Z2-7 ]+?)\s*<', browser.body)
    assert key
    seed = key[1].replace(" ", "")
    code = pyotp.TOTP(seed).now()
    browser.post("", code=code)
    browser.post("", action="show")
    recovery = re.findall("[0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z]{4}", browser.body)
    browser.post("", action="saved")
    browser.post("", view_pin=VIEW_PIN, payment_pin=PAYMENT_PIN)
    assert browser.url.endswith("/wallet/"), browser.body
    browser.post("/wallet/reveal/", pin=VIEW_PIN)
    browser.post("/send/", payee="@ada", amount="1.00", note="for the violets")
    draft = browser.url
    browser.post(draft, pin=WRONG["PIN"])
    browser.post(draft, pin=PAYMENT_PIN)
    browser.post("/login/", email="zelda@example.com", password=WRONG["password"])
    secrets = {"join token": link[1], "seed": seed, "code": code, "password": PASSWORD, "payment PIN": PAYMENT_PIN}
    secrets |= {f"wrong {name}": value for name, value in WRONG.items()}
    return secrets | {f"recovery code {number}": text for number, text in enumerate(recovery)}


@pytest.mark.asvs("16.2.5", "16.5.1", "16.4.1")
def test_a_journey_and_a_forced_500_leave_no_secret_in_any_log(tmp_path: Path) -> None:
    noisy = {"LOG_LEVEL": "DEBUG", "EMAIL_URL": "dummymail://", "GUNICORN_CMD_ARGS": "--log-level debug"}
    with RunningSite(tmp_path / "data", **noisy) as site, Cluster(site.data_dir, say=print).use() as urls:
        with psycopg.connect(urls.superuser, autocommit=True) as database:
            for setting in ("log_statement = 'all'", "log_min_messages = 'debug1'", "log_connections = 'on'"):
                database.execute(f"ALTER SYSTEM SET {setting}")
            database.execute("SELECT pg_reload_conf()")
            browser = Browser(site)
            secrets = travel(browser)
            secrets |= {f"cookie {cookie.name}": str(cookie.value) for cookie in browser.cookies}

            stranger = Browser(site)
            stranger.get("/login/")
            database.execute("ALTER TABLE accounts_guard RENAME TO accounts_guard_away")
            stranger.post("", email="zelda@example.com", password=PASSWORD)
            assert stranger.status == 500
            assert PASSWORD not in stranger.body
            assert "Traceback" not in stranger.body
    logs = everything(site)
    assert "accounts_guard" in logs  # the failure itself is there to be found
    assert "INSERT INTO" in logs  # and PostgreSQL did talk
    assert "POST /login/" in logs
    found = [name for name, secret in secrets.items() if re.search(rf"(?<![\d.]){re.escape(secret)}(?!\d)", logs)]
    assert found == []
