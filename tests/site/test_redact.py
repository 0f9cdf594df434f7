"""What no log line may hold, whoever writes it and wherever in the line it stands."""

import io
import logging
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import structlog
from django.conf import settings
from django.urls import get_resolver, reverse

from tests.addresses import patterns
from tests.production import ENVIRONMENT
from tests.running import bare_environment
from wallet_site import logs
from wallet_site.environment import BASE_DIR
from web.redact import redact, redact_event

TOKEN = "5vK0bWq3c8m1Yt7ZxQe2LrA9uN4sDhGj-_kE6pTf0oM"
PLAIN_TOKENS = ["a" * 43, "-" * 43, "Ab-" * 14 + "A", "0" * 43]  # random, too, though not likely
ANY_TOKEN = "zR9-Qx_4TgLw0YcUe7mBn3DsVh6KpJf2AoIr8XyM5Hk"
PAYMENT = "97fc229a-2b1f-4d9b-b9c1-a0d8a9c55290"
SECRET = {
    "a cookie": (f"Cookie: __Host-session={TOKEN[:32]}; __Host-csrf=abc", [TOKEN[:32], "abc"]),
    "another": ("'HTTP_COOKIE': 'csrf=sesame; device=open'", ["sesame", "open"]),
    "a header": ("Authorization: Basic YWRhOmh1bnRlcjI=", ["YWRhOmh1bnRlcjI"]),
    "a bearer": ("sent Bearer abcd1234efgh", ["abcd1234efgh"]),
    "a database": ("cannot open postgres://wallet_site:hun/t:er2@db:5432/wallet?x=y", ["hun/t", "er2@"]),
    "a mail server": ("smtp+tls://user:hunter2@mail:587", ["hunter2"]),
    "a dsn": ("connection failed: host=db password=hunter2 user=x", ["hunter2"]),
    "a quoted one": ("""{"current_password": "two words", "pin": "0739"}""", ["two words", "0739"]),
    "a form": (f"csrfmiddlewaretoken={TOKEN}&password=hunter2&pin=0739", [TOKEN, "hunter2", "0739"]),
    "a code": ("code: 123456", ["123456"]),
    "a key URI": ("otpauth://totp/Bank:ada%40example.com?secret=JBSWY3DP&issuer=Bank", ["JBSWY3DP", "ada"]),
    "a seed": ("the seed JBSW Y3DP EHPK 3PXP JBSW Y3DP EHPK 3PXP", ["EHPK"]),
    "a seed in one": ("JBSWYDPEHPKPXPJBSWYDPEHPKPXPABCD", ["JBSWYDPEHPK"]),
    "a recovery code": ("redeem 7F3K-9Q2M-0XTN-5C8D", ["9Q2M"]),
    "a hash": ("k1$$2b$12$abcdefghijklmnopqrstuuabcdefghijklmnopqrstuvwxyz01234", ["abcdefghij"]),
    "a session key": ("session 0abc1def2abc3def4abc5def6abc7def", ["0abc1def"]),
    "a row": ("DETAIL:  Key (email)=(ada@example.com) already exists.\nCONTEXT:  SQL", ["ada", "example"]),
    "a whole row": (
        "x\nDETAIL:  Failing row contains (1, first\nsecond, 0739).\nHINT:  none",
        ["first", "second", "0739"],
    ),
    "a parameter": ("CONTEXT:  unnamed portal parameter $2 = 'zanzibar'", ["zanzibar"]),
    "an address's query": ("GET /send/?to=@grace&amount=5 HTTP/1.1", ["grace", "amount"]),
    "a referrer": ('"GET / HTTP/1.1" 200 5 "https://wallet.example.com/login/?next=/x"', ["next"]),
    "a mailbox": ("SMTPRecipientsRefused({'ada.l@example.com': (550, b'no')})", ["ada.l"]),
}


@pytest.mark.asvs("16.2.5", "14.2.1")
@pytest.mark.parametrize("case", SECRET)
@pytest.mark.parametrize("around", ["{}", "before {} after", "'{}'", '"{}"', "({})", "Traceback:\n  {}\nKeyError"])
def test_it_takes_out(case: str, around: str) -> None:
    line, hidden = SECRET[case]
    left = redact(around.format(line))
    assert [one for one in hidden if one in left] == []
    assert redact(left) == left


@pytest.mark.parametrize(
    "line",
    [
        f"GET /send/{PAYMENT}/check/",
        f"request_id='{PAYMENT}'",
        'File "/srv/twofold/.venv/lib/python3.11/site-packages/django/core/handlers/exception.py", line 55, in inner',
        "    raise SerializationExhausted(attempts)",
        "psycopg.errors.SerializationFailure: could not serialize access due to read/write dependencies",
        "Listening at: http://127.0.0.1:8000 (4711)",
        "connection to server at \"127.0.0.1\", port 5432 failed: Connection refused",
        "status=404 duration=12.5 ms",
        "wallet_site.middleware.RequestLogMiddleware",
        "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0",
    ],
)  # fmt: skip
def test_it_leaves_what_one_needs(line: str) -> None:
    assert redact(line) == line


TOKEN_PAGES = sorted(route for route, _ in patterns() if "token>" in route)


def test_there_are_pages_with_tokens() -> None:
    assert TOKEN_PAGES == ["/email/<str:token>/", "/join/<str:token>/", "/reset/<str:token>/"]


@pytest.mark.parametrize("route", TOKEN_PAGES)
@pytest.mark.parametrize("token", [TOKEN, *PLAIN_TOKENS, f"%35{TOKEN[1:]}", ANY_TOKEN])
@pytest.mark.parametrize(
    "around", ["{}", "GET {}", "{}.bak", "{}?x=1", "Not Found: {}", "'{}'", "https://x.example{}", "/login/?next={}"]
)
def test_no_page_of_ours_leaves_its_token_in_a_line(route: str, token: str, around: str) -> None:
    address = route.replace("<str:token>", token)
    for path in (address, address.rstrip("/")):
        assert token[5:] not in redact(around.format(path))


def test_values_deep_in_an_event_are_seen() -> None:
    event = {
        "event": f"opened /join/{TOKEN}/", "code": 200, "password": "hunter2", "form": {"pin": "0739", "note": "x"},
        "rows": [("ada@example.com", b"otpauth://totp/x?secret=AB")], "error": ValueError(f"/reset/{TOKEN}/"),
        "cookies": {"session": "abc"}, "nothing": None, "is_new": True,
    }  # fmt: skip
    cleaned = str(redact_event(None, "info", event))
    assert not [one for one in (TOKEN, "hunter2", "ada@", "secret=AB") if one in cleaned]
    assert "'code': 200" in cleaned
    assert "'nothing': None" in cleaned


# Every logger there is


@pytest.fixture
def said() -> Iterator[io.StringIO]:
    """What the configured handlers print, at their most talkative."""
    text = io.StringIO()
    handlers = [handler for handler in logging.getLogger().handlers if type(handler) is logging.StreamHandler]
    assert handlers
    kept = [(handler, handler.stream) for handler in handlers]
    for handler in handlers:
        handler.setStream(text)
    yield text
    for handler, stream in kept:
        handler.setStream(stream)


def loggers() -> list[str]:
    get_resolver().url_patterns  # noqa: B018  # everything is imported, so every logger exists
    known = set(logging.root.manager.loggerDict)
    return sorted(known | {"django.server", "django.security.csrf", "django.template", "py.warnings", "asyncio", "new"})


def fails() -> None:
    raise ValueError(f"/join/{TOKEN}/ of ada@example.com\nDETAIL:  Key (email)=(ada@example.com) exists.")


@pytest.mark.asvs("16.2.5")
def test_no_logger_has_a_way_past(said: io.StringIO) -> None:
    silent = []
    for name in loggers():
        logger = logging.getLogger(name)
        before, level, disabled = said.tell(), logger.level, logger.disabled
        logger.setLevel(logging.DEBUG)
        logger.disabled = False
        for number in (logging.DEBUG, logging.INFO, logging.WARNING, logging.CRITICAL):
            logger.log(number, "Forbidden (%s): %s", "CSRF token missing", f"/join/{TOKEN}/")
            logger.log(number, f"/reset/{TOKEN}/ Cookie: session=abc")
        try:
            fails()
        except ValueError:
            logger.exception("failed at %s", f"/join/{TOKEN}/", stack_info=True)
        structlog.get_logger(name).warning("event", path=f"/join/{TOKEN}/", password="hunter2")
        logger.setLevel(level)
        logger.disabled = disabled
        if said.tell() == before:
            silent.append(name)
    text = said.getvalue()
    assert not [one for one in (TOKEN, "session=abc", "ada@example", "hunter2") if one in text]
    # Turned off on purpose: they repeat what another line says.
    assert {name for name in silent if not name.startswith(("django.request", "django.security."))} == set()


def test_no_handler_but_the_redacting_one_is_configured() -> None:
    handlers = {handler["class"] for handler in settings.LOGGING["handlers"].values()}
    assert handlers == {"logging.StreamHandler", "logging.NullHandler"}
    assert redact_event in settings.LOGGING["formatters"]["line"]["processors"]
    for name in logging.root.manager.loggerDict:
        for handler in logging.getLogger(name).handlers:
            assert isinstance(handler, logging.NullHandler) or "pytest" in type(handler).__module__, name


def test_a_line_that_cannot_be_formatted_is_not_printed_with_its_arguments(
    said: io.StringIO, capfd: pytest.CaptureFixture[str]
) -> None:
    logging.getLogger("broken").error("%d of %s", f"/join/{TOKEN}/")
    assert TOKEN not in said.getvalue() + capfd.readouterr().err


def test_gunicorns_own_lines_are_redacted() -> None:
    inner = logging.Formatter("%(asctime)s %(message)s")
    record = logging.LogRecord("gunicorn.access", logging.INFO, "", 1, "%s", (f"GET /join/{TOKEN}/ HTTP/1.1",), None)
    assert logs.RedactingFormatter(inner).format(record).endswith("GET /join/…/ HTTP/1.1")


def test_a_command_that_fails_prints_no_secret(tmp_path: Path) -> None:
    """The traceback that Python itself prints, of the main thread and of others, and warnings."""
    program = (
        "import threading, warnings, manage, sys\n"
        "sys.argv = ['manage.py', 'shell', '-c', '''\n"
        "import threading, warnings\n"
        'warnings.warn("postgres://u:hunter2@db/x")\n'
        'def fail(): raise ValueError("postgres://u:hunter2@db/x")\n'
        "thread = threading.Thread(target=fail); thread.start(); thread.join()\n"
        "fail()''']\n"
        "manage.main()\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=BASE_DIR, capture_output=True, text=True, check=False,
        env={**bare_environment(tmp_path / "data"), **ENVIRONMENT},
    )  # fmt: skip
    assert done.returncode == 1
    assert done.stderr.count("ValueError: postgres://…@db/x") == 2
    assert "hunter2" not in done.stdout + done.stderr


def test_a_link_that_is_mailed_is_such_an_address() -> None:
    assert reverse("accounts:join", args=[TOKEN]) == f"/join/{TOKEN}/"
