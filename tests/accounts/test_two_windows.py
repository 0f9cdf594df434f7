"""One browser, two windows: what one of them does must not sign the other out."""

import pytest
from django.conf import settings
from django.db import IntegrityError
from django.test import Client

from accounts.access.kept_forms import mark_of
from accounts.models import Session
from tests.people import VIEW_PIN, make_customer, sign_in

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "serializable"])
NAME = settings.SESSION_COOKIE_NAME


def test_a_request_under_the_former_key_leaves_the_browsers_cookie_alone() -> None:
    first, second = Client(), Client()
    sign_in(make_customer(), first)
    second.cookies[NAME] = first.cookies[NAME].value
    assert first.post("/wallet/reveal/", {"pin": VIEW_PIN}).status_code == 302
    for answer in (second.get("/wallet/"), second.post("/wallet/hide/"), second.get("/login/")):
        assert NAME not in answer.cookies
    assert first.get("/wallet/").status_code == 200


def test_a_form_sent_under_the_former_key_is_not_kept_at_the_price_of_the_new_one() -> None:
    first, second, alice = Client(), Client(), make_customer()
    sign_in(alice, first)
    second.cookies[NAME] = first.cookies[NAME].value
    assert first.post("/wallet/reveal/", {"pin": VIEW_PIN}).status_code == 302
    count = Session.objects.count()
    answer = second.post("/send/", {"payee": "@grace", "amount": "1.00", "typed_by": mark_of(alice)})
    assert answer["Location"].startswith("/login/") and NAME not in answer.cookies
    assert Session.objects.count() == count
    assert first.get("/wallet/").status_code == 200


def test_whoever_comes_with_the_former_key_can_still_sign_in() -> None:
    first, second, alice = Client(), Client(), make_customer()
    sign_in(alice, first)
    second.cookies[NAME] = first.cookies[NAME].value
    assert first.post("/wallet/reveal/", {"pin": VIEW_PIN}).status_code == 302
    first.post("/logout/")
    sign_in(alice, second)
    assert second.get("/wallet/").status_code == 200


def test_signing_out_still_makes_the_browser_forget() -> None:
    client = Client()
    sign_in(make_customer(), client)
    assert client.post("/logout/").cookies[NAME].value == ""


def test_a_failure_after_the_key_changed_tells_the_new_one(monkeypatch: pytest.MonkeyPatch) -> None:
    client = Client(raise_request_exception=False)
    sign_in(make_customer(), client)
    monkeypatch.setattr("statements.views.local_next", lambda request: 1 / 0)
    assert client.post("/wallet/reveal/", {"pin": VIEW_PIN}).status_code == 500
    monkeypatch.undo()
    assert client.get("/wallet/").status_code == 200


def gone(*_: object, **__: object) -> None:
    raise IntegrityError("the session's row is gone")


@pytest.mark.parametrize(
    ("at", "instead"),
    [
        ("accounts.access.step_up.digest", lambda key: "nobody's"),
        ("accounts.models.StepUp.objects.update_or_create", gone),
    ],
)
def test_a_session_that_ends_under_a_step_up_is_no_failure(
    monkeypatch: pytest.MonkeyPatch, at: str, instead: object
) -> None:
    client = Client()
    sign_in(make_customer(), client)
    monkeypatch.setattr(at, instead)
    answer = client.post("/wallet/reveal/", {"pin": VIEW_PIN})
    assert answer.status_code == 400
    assert "Your session changed meanwhile" in answer.content.decode()
    monkeypatch.undo()
    assert client.get("/wallet/").status_code == 200  # nothing of it was done, the key least of all
