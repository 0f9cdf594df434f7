import logging
import uuid
from collections.abc import Iterator

import pytest
from django.conf import LazySettings
from django.db import InterfaceError, OperationalError
from django.http import HttpResponse
from django.test import Client, RequestFactory
from psycopg import errors

from ledger.db import SerializationExhausted
from ledger.outages import OutcomeUnknown
from wallet_site.middleware import BrowserPolicyMiddleware, RequestLogMiddleware
from wallet_site.unreachable import is_passing, is_unreachable

PAYMENT = uuid.UUID("97fc229a-2b1f-4d9b-b9c1-a0d8a9c55290")


@pytest.mark.asvs("16.2.5")
@pytest.mark.parametrize(
    ("path", "logged"),
    [
        ("/login/?next=/somewhere/", "GET /login/"),
        ("/join/5vK0bWq3c8m1Yt7ZxQe2LrA9uN4sDhGj/", "GET /join/…/"),
        ("/join/5vK0bWq3c8m1Yt7ZxQe2LrA9uN4sDhGj", "GET /join/…"),
        (f"/send/{PAYMENT}/check/", f"GET /send/{PAYMENT}/check/"),
        (f"/send/{PAYMENT}-and-more/", "GET /send/…/"),
        ("/settings/security/", "GET /settings/security/"),
    ],
)
def test_the_log_has_neither_queries_nor_tokens(path: str, logged: str) -> None:
    assert RequestLogMiddleware.format_request(RequestFactory().get(path)) == logged


def lost(sqlstate_error: Exception | None) -> OperationalError:
    error = OperationalError("lost")
    error.__cause__ = sqlstate_error
    return error


@pytest.mark.parametrize(
    ("exception", "expected"),
    [
        (OperationalError("connection refused"), True),
        (InterfaceError("connection already closed"), True),
        (lost(errors.AdminShutdown()), True),
        (lost(errors.TooManyConnections()), True),
        (lost(errors.SerializationFailure()), False),
        (lost(errors.QueryCanceled()), False),
        (ValueError("nothing to do with it"), False),
        (None, False),
    ],
)
def test_only_a_database_that_is_not_there_is_unreachable(exception: Exception | None, expected: bool) -> None:
    assert is_unreachable(exception) is expected


@pytest.mark.parametrize(
    ("exception", "expected"),
    [
        (lost(errors.LockNotAvailable()), True),
        (lost(errors.QueryCanceled()), True),
        # Where money moves they are tried again; on a page they are one of two that were in each other's way.
        (lost(errors.SerializationFailure()), True),
        (lost(errors.DeadlockDetected()), True),
        (OutcomeUnknown("committed, but no standby has confirmed it"), True),
        (SerializationExhausted("gave up after 10 attempts"), False),
        (lost(errors.DiskFull()), False),
        (ValueError("nothing to do with it"), False),
        (None, False),
    ],
)
def test_what_passes_is_a_503_and_what_was_given_up_is_not(exception: Exception | None, expected: bool) -> None:
    assert is_passing(exception) is expected


@pytest.mark.django_db
def test_every_answer_carries_the_id_that_its_page_shows() -> None:
    answer = Client().get("/no-such-page/")
    assert uuid.UUID(answer["X-Request-Id"])
    assert answer["X-Request-Id"] in answer.content.decode()
    assert Client().get("/healthz")["X-Request-Id"] != answer["X-Request-Id"]


def test_an_id_that_the_client_sends_is_not_taken() -> None:
    assert Client().get("/healthz", headers={"X-Request-Id": "mine"})["X-Request-Id"] != "mine"


class Written(logging.Handler):
    """What reaches the log. (pytest's own fixture also hears the loggers that are turned off.)"""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.lines: list[tuple[str, bool]] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append((record.levelname, bool(record.exc_info)))


@pytest.fixture
def written() -> Iterator[Written]:
    handler = Written()
    logging.getLogger().addHandler(handler)
    yield handler
    logging.getLogger().removeHandler(handler)


@pytest.mark.parametrize(
    ("body", "status"), [("email=" + "a" * 300_000, 413), ("&".join(f"field{number}=x" for number in range(101)), 400)]
)
def test_a_form_too_large_is_one_line_of_the_log(body: str, status: int, written: Written) -> None:
    answer = Client().post("/theme/", body, content_type="application/x-www-form-urlencoded")
    assert answer.status_code == status
    assert written.lines == [("WARNING", False)]


def test_a_made_up_host_is_one_line_of_the_log(written: Written) -> None:
    assert Client().get("/help/", headers={"Host": "made-up.example"}).status_code == 400
    assert written.lines == [("WARNING", False)]


def test_nobody_keeps_what_a_browser_with_a_session_was_shown(settings: LazySettings) -> None:
    middleware = BrowserPolicyMiddleware(lambda request: HttpResponse("a balance"))
    request = RequestFactory().get("/")
    assert "Cache-Control" not in middleware(request).headers
    request.COOKIES[settings.SESSION_COOKIE_NAME] = "anything"
    assert middleware(request).headers["Cache-Control"] == "no-store"
