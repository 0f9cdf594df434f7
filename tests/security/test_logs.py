"""Every log at its most talkative, a journey through everything and two failures: no secret in any of them."""

import itertools
import json
import re
from typing import Any

import pytest

from tests.driver.person import Person
from tests.running import wait_for
from tests.security.conftest import Production, Travelled
from tests.security.raw import send
from tests.security.thief import found, rows
from tests.site.test_redact import TOKEN_PAGES

WRITERS = ["site", "PostgreSQL"]


@pytest.mark.asvs("16.2.5", "14.2.1")
@pytest.mark.parametrize("writer", WRITERS)
def test_no_log_holds_a_secret(travelled: Travelled, production: Production, writer: str) -> None:
    configured = {name: production.site.env[name] for name in ("SECRET_KEY", "CREDENTIAL_KEYS")}
    assert found(travelled.secrets | configured, [*travelled.seeds, production.key], said(travelled, writer)) == []


@pytest.mark.parametrize("writer", WRITERS)
def test_the_search_would_find_them(travelled: Travelled, writer: str) -> None:
    lines = travelled.logs[writer].splitlines()
    for name, secret in travelled.secrets.items():
        planted = "\n".join([*lines[:20], f'{lines[20]} "{secret}"'])
        assert found({name: secret}, [], planted) == [name]


def test_everybody_did_talk(travelled: Travelled) -> None:
    site, database = travelled.logs["site"], travelled.logs["PostgreSQL"]
    assert '"POST /login/code/ HTTP/1.1" 302' in site  # gunicorn's access log
    assert "[DEBUG] POST /login/code/" in site
    assert '"request": "POST /login/code/"' in site
    assert "statement: INSERT INTO" in database
    assert "statement: UPDATE" in database
    assert re.search(r"ERROR:  XX000: forced", database)
    assert "$2b$" in database  # the hashes went there, and nothing that they were made of


@pytest.mark.asvs("16.3.4", "16.2.4")
def test_the_failures_are_logged_with_the_reference_that_the_page_shows(travelled: Travelled) -> None:
    events = list(of_the_site(travelled.logs["site"]))
    for page in travelled.failures:
        (reference,) = {event["request_id"] for event in events if event["request_id"] in page}
        (failure,) = (event for event in events if event["request_id"] == reference and "exception" in event)
        assert "Traceback" in failure["exception"]
        assert failure["level"] == "error"


@pytest.mark.asvs("16.5.1")
def test_a_failures_page_says_no_more_than_its_reference(travelled: Travelled) -> None:
    for page in travelled.failures:
        assert found(travelled.secrets, travelled.seeds, page) == []
        assert not re.search("Traceback|Error:|forced|40001|XX000|psycopg|Django|SELECT|UPDATE", page)


@pytest.mark.asvs("16.2.1", "16.2.2")
def test_each_line_says_when_in_utc_where_from_and_what(travelled: Travelled) -> None:
    requests = [event for event in of_the_site(travelled.logs["site"]) if event["event"] == "request_finished"]
    assert len(requests) > 60
    for event in requests:
        assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d+Z", event["timestamp"])
        assert re.fullmatch(r"(GET|POST) /[\w/…-]*", event["request"])
        assert event["ip"] == "203.0.113.7" or event["request"] == "GET /healthz"


@pytest.mark.asvs("16.3.2")
def test_who_asks_for_what_is_not_theirs_is_logged(travelled: Travelled, production: Production) -> None:
    ada, grace, _ = travelled.people
    grace.send("@ada_t", "1.00")
    draft = grace.path
    assert draft.endswith("/check/")
    assert ada.goto(draft).status == 404
    wait_for(lambda: f'"code": 404, "request": "GET {draft}"' in production.logs()["site"])
    (refused,) = (event for event in of_the_site(production.logs()["site"]) if event.get("code") == 404)
    assert (refused["request"], refused["ip"]) == (f"GET {draft}", "203.0.113.7")
    assert refused["user_id"] == next(
        row["id"] for row in rows(travelled.dump, "accounts_user") if row["handle"] == "ada_t"
    )


METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "BREW"]
FORGED = {"Origin": "https://evil.example"}
FROM_A_PAGE = {"Origin": "https://wallet.example.com", "Cookie": f"__Host-csrf={'c' * 32}"}
WITH_A_TOKEN = FROM_A_PAGE | {"X-CSRFToken": "c" * 32}
FORM = {"Content-Type": "application/x-www-form-urlencoded"}
WAYS = [{}, FORGED, FROM_A_PAGE, WITH_A_TOKEN, {"Sec-Fetch-Site": "same-origin"} | FROM_A_PAGE]


# Of the form that a mailed one has, for a page whose mails only somebody signed in can have sent.
TOKEN = "q8Vt2mXc7RbY4nLw9KzP1sHd6GfJ3aQe5UoI0yTrNvE"


def mailed_link(production: Production, page: str, email: str) -> str:
    """Where the mail leads that this page sends: a path with a live token."""
    stranger = Person(production.new_window())
    stranger.goto(page)
    stranger.ask_for_link(email)
    (path,) = re.findall(r"/(?:join|reset)/\S+/", production.last_mail())
    return path


@pytest.mark.asvs("16.2.5", "14.2.1")
@pytest.mark.parametrize("route", TOKEN_PAGES)
def test_no_log_holds_a_live_token_however_its_page_is_asked_for(
    travelled: Travelled, production: Production, route: str
) -> None:
    """Every address with a token, every method, with and without what proves a form; and the token elsewhere."""
    mailed = {
        "/join/<str:token>/": ("/register/", "new.one@example.com"),
        "/reset/<str:token>/": ("/recover/", travelled.people[1].email),
    }
    path = mailed_link(production, *mailed[route]) if route in mailed else route.replace("<str:token>", TOKEN)
    token = path.split("/")[2]
    for method, headers in itertools.product(METHODS, WAYS):
        for target in (path, path.rstrip("/"), f"{path}?x=1", f"{path}more/", f"https://wallet.example.com{path}"):
            send(production.site.port, method, target, headers=headers | {"Connection": "close"})
    for headers in ({"Referer": f"https://wallet.example.com{path}"}, {"User-Agent": path}, {"Cookie": f"x={token}"}):
        for target in ("/", f"/login/?next={path}", f"/no/such/page/{token}"):
            send(production.site.port, "GET", target, headers=headers | {"Connection": "close"})
    long = {"Content-Length": str(40 * 1024 * 1024), "Connection": "close"} | FORM
    send(production.site.port, "POST", path, headers=long)
    wait_for(lambda: '"code": 413, "request": "POST /' in production.logs()["site"])
    for writer, log in production.logs().items():
        assert token not in log, writer
        assert token[8:] not in log, writer


def of_the_site(log: str) -> list[dict[str, Any]]:
    """The site's own lines, which are JSON and carry the request's id."""
    lines = (json.loads(line) for line in log.splitlines() if line.startswith("{"))
    return [event for event in lines if "request_id" in event]


def said(travelled: Travelled, writer: str) -> str:
    """Without process ids, times and durations, which are numbers of as many digits as a PIN or a code may have."""
    without_prefix = re.sub(r"\[\d+\]|\d\d:\d\d:\d\d[.,]\d+|\d+\.\d+ ms", "", travelled.logs[writer])
    return without_prefix
