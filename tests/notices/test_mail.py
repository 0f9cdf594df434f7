"""Letters: accounts says which and to whom, notices writes and sends them."""

from pathlib import Path

import pytest
from django.conf import settings
from django.core import mail
from django.http import HttpRequest
from django.test import Client, RequestFactory
from django.utils.module_loading import import_string

from accounts import letters
from notices.mail import send
from notices.models import Kind

LETTERS = Path(settings.BASE_DIR / "templates/notices/mail")
TEXTS: dict[str, dict[str, object]] = {
    "unknown": {"link": "http://testserver/register/"},
    "reset": {"link": "http://testserver/reset/x/", "minutes": 15},
}


def test_the_setting_names_who_sends() -> None:
    assert import_string(settings.LETTERS) is send


@pytest.mark.parametrize("name", TEXTS)
def test_all_are_written_and_the_named_one_is_sent(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    written: list[str] = []
    plain = import_string("django.template.loader.render_to_string")
    monkeypatch.setattr("notices.mail.render_to_string", lambda *of: written.append(of[0]) or plain(*of))
    letters.send_one(_request(), "ada@example.com", name, TEXTS)
    assert written == ["notices/mail/unknown.txt", "notices/mail/reset.txt"]
    assert [message.to for message in mail.outbox] == [["ada@example.com"]]
    assert str(TEXTS[name]["link"]) in str(mail.outbox[0].body)


def test_every_letter_begins_with_its_subject() -> None:
    names = sorted(path.stem for path in LETTERS.glob("*.txt"))
    assert names == sorted(
        ["already", "email_new", "email_old", "email_taken", "join", "reset", "unknown", *Kind.values]
    )
    for name in set(names) - set(Kind.values):
        send(_request(), "ada@example.com", name, {name: {"link": "x", "minutes": 1}})
    assert all(message.subject and str(message.body).strip() for message in mail.outbox)


@pytest.mark.django_db
def test_a_server_that_is_away_is_told_beside_the_form(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    def away(*_: object, **__: object) -> None:
        raise OSError("refused")

    monkeypatch.setattr("notices.mail.send_mail", away)
    page = client.post("/register/", {"email": "new@example.com"}).content.decode()
    assert "We cannot send mail at the moment" in page


def _request() -> HttpRequest:
    request = RequestFactory().get("/")
    request.session = {}  # type: ignore[assignment]
    return request
