"""What was typed survives the end of a session and a page that is out of date; secrets do not."""

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
import time_machine
from django.conf import settings
from django.core import mail
from django.http import HttpResponse
from django.test import Client
from django.utils import timezone

from accounts.access import kept_forms
from accounts.models import Session, User
from tests.addresses import patterns
from tests.people import PASSWORD, code_for, make_customer, make_staff, sign_in

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "serializable"])

SEND = {"payee": "@grace", "amount": "12.34", "note": "for the <violets>"}
OURS = {"Origin": "http://testserver"}
STALE = "x" * 64


def browser() -> Client:
    return Client(enforce_csrf_checks=True)


def token(client: Client, page: str = "/help/") -> str:
    return re.findall('name="csrfmiddlewaretoken" value="([^"]+)"', client.get(page).content.decode())[0]


def post(client: Client, path: str, data: dict[str, str], **options: Any) -> Any:
    """With a fresh token, as from a page that was just loaded."""
    return client.post(path, data | {"csrfmiddlewaretoken": token(client)}, headers=OURS, **options)


def end_sessions() -> None:
    Session.objects.update(last_used_at=timezone.now() - timedelta(seconds=301))


def enter(client: Client, user: User, next_page: str = "/send/") -> Any:
    """Both pages of the sign-in, with what the user has to give there."""
    post(client, f"/login/?next={next_page}", {"email": user.email, "password": PASSWORD})
    return post(client, "/login/code/", {"code": code_for(user)}, follow=True)


def values(answer: HttpResponse) -> dict[str, str]:
    """What stands in the page's fields."""
    inputs = re.findall(r"<input\b[^>]*>", answer.content.decode())
    pairs = [(re.search(r'name="([^"]*)"', one), re.search(r'value="([^"]*)"', one)) for one in inputs]
    return {name[1]: value[1] for name, value in pairs if name and value and "csrf" not in name[1]}


def form_of(client: Client, path: str) -> dict[str, str]:
    """The hidden fields of a page's own form."""
    page = client.get(path)
    hidden = {kept_forms.FIELD: values(page)[kept_forms.FIELD]} if kept_forms.FIELD in values(page) else {}
    return hidden | {"csrfmiddlewaretoken": token(client)}


def sent_after_the_end(
    user: User, data: dict[str, str] = SEND, end: Callable[[Client, User], object] = lambda *_: end_sessions()
) -> Client:
    client, path = browser(), "/send/"
    sign_in(user, client)
    fields = data | form_of(client, path)
    end(client, user)
    answer: Any = client.post(path, fields, headers=OURS, follow=True)
    assert answer.redirect_chain[-1][0].startswith("/login/?next=")
    client.said = answer.content.decode()  # type: ignore[attr-defined]
    return client


def test_after_signing_in_again_the_form_is_as_it_was_left() -> None:
    alice = make_customer()
    client = sent_after_the_end(alice)
    assert "Nothing was done yet. Sign in, and the form comes back" in client.said  # type: ignore[attr-defined]
    assert "12.34" not in client.said  # type: ignore[attr-defined]
    page = enter(client, alice)
    assert page.redirect_chain[-1][0] == "/send/"
    assert {name: values(page)[name] for name in ("payee", "amount")} == {"payee": "@grace", "amount": "12.34"}
    assert "for the &lt;violets&gt;" in page.content.decode()
    assert values(client.get("/send/")).get("payee", "") == ""  # once


def test_nobody_else_who_signs_in_there_sees_it() -> None:
    client, bob = sent_after_the_end(make_customer()), make_customer("bob")
    page = enter(client, bob)
    assert page.redirect_chain[-1][0] == "/send/"
    assert "12.34" not in page.content.decode()
    assert "12.34" not in str(dict(client.session))


@pytest.mark.parametrize(
    ("data", "why"),
    [
        ({"pin": "418529", "password": PASSWORD}, "nothing of it may be kept"),
        (SEND | {"note": "x" * 1001}, "more than anybody types"),
    ],
)
def test_what_is_not_kept_is_not_promised(data: dict[str, str], why: str) -> None:
    client = sent_after_the_end(make_customer(), data)
    assert "was not used: sign in and enter it again" in client.said, why  # type: ignore[attr-defined]
    assert kept_forms.KEY not in client.session


def test_it_is_forgotten_after_a_quarter_of_an_hour() -> None:
    alice = make_customer()
    client = sent_after_the_end(alice)
    with time_machine.travel(timezone.now() + timedelta(seconds=kept_forms.SECONDS + 1)):
        assert "12.34" not in enter(client, alice).content.decode()


def new_stamp(client: Client, user: User) -> None:
    user.session_stamp = uuid4()
    user.save()


@pytest.mark.parametrize(
    "end",
    [
        lambda client, user: Session.objects.all().delete(),
        new_stamp,
        lambda client, user: (end_sessions(), client.get("/settings/session/")),  # the page's own script asks, too
        lambda client, user: (end_sessions(), client.get("/help/")),
        lambda client, user: (end_sessions(), client.cookies.pop(settings.SESSION_COOKIE_NAME)),
    ],
    ids=["from elsewhere", "by a changed secret", "and the page has noticed", "and another tab has", "without cookie"],
)
def test_in_whatever_way_the_session_ended(end: Callable[[Client, User], object]) -> None:
    alice = make_customer()
    client = sent_after_the_end(alice, end=end)
    assert "the form comes back" in client.said  # type: ignore[attr-defined]
    assert values(enter(client, alice))["amount"] == "12.34"


@pytest.mark.parametrize("by", ["", "0" * 64, "bob's"])
def test_a_form_that_is_nobodys_or_anothers_is_not_kept_for_whoever_signs_in(by: str) -> None:
    alice, bob = make_customer(), make_customer("bob")
    client = sent_after_the_end(alice, data=SEND)
    client.session.flush()
    token_and_whose = {
        "csrfmiddlewaretoken": token(client),
        kept_forms.FIELD: kept_forms.mark_of(bob) if by == "bob's" else by,
    }
    client.post("/send/", SEND | token_and_whose, headers=OURS)
    assert "12.34" not in enter(client, alice).content.decode()


def test_a_stale_page_of_somebody_else_is_not_put_into_ones_own() -> None:
    alice, bob, client = make_customer(), make_customer("bob"), browser()
    sign_in(alice, client)
    form = form_of(client, "/send/")
    sign_in(bob, client)
    page = stale(client, "/send/", SEND | form)
    assert "Nothing was done yet: do it again." in page.content.decode()
    assert "12.34" not in page.content.decode()


# A page that is out of date


def stale(client: Client, path: str, data: dict[str, str], **headers: str) -> Any:
    """As from a page that was loaded before somebody signed in or out in another tab."""
    client.get("/help/")  # the browser has cookies
    return client.post(path, data | {"csrfmiddlewaretoken": STALE}, headers=headers or OURS, follow=True)


@pytest.mark.parametrize(
    ("path", "typed_in", "secret"),
    [
        ("/send/", SEND, {}),
        ("/login/?next=/send/", {"email": "alice@example.com"}, {"password": PASSWORD}),
        ("/register/", {"email": "new@example.com"}, {}),
        ("/recover/", {"email": "new@example.com"}, {}),
        ("/settings/security/password/", {}, {"password": "amber otters nap", "current_password": PASSWORD, "code": "123456"}),
        ("/settings/security/pins/", {}, {"view_pin": "7306", "payment_pin": "418529"}),
        ("/wallet/reveal/", {}, {"pin": "7306"}),
    ],
)  # fmt: skip
@pytest.mark.parametrize("headers", [OURS, {"Referer": "http://testserver/x/"}, {"Sec-Fetch-Site": "same-origin"}])
def test_a_stale_token_brings_the_form_back_with_a_fresh_one(
    path: str, typed_in: dict[str, str], secret: dict[str, str], headers: dict[str, str]
) -> None:
    client = browser()
    if not path.startswith(("/login", "/register", "/recover")):
        sign_in(make_customer(), client)
    page = stale(client, path, typed_in | secret, **headers)
    text = page.content.decode()
    assert (page.status_code, page.redirect_chain) == (200, [(path, 302)])
    assert "Nothing was done yet" in text
    assert {name: values(page)[name] for name in typed_in if name != "note"} == {
        name: value for name, value in typed_in.items() if name != "note"
    }
    assert [value for value in secret.values() if value in text] == []
    assert 'name="csrfmiddlewaretoken"' in text
    assert mail.outbox == []


def test_and_sending_it_again_does_it() -> None:
    client = browser()
    sign_in(make_customer(), client)
    make_customer("grace")
    page = stale(client, "/send/", SEND)
    again = values(page) | {
        "csrfmiddlewaretoken": re.findall('csrfmiddlewaretoken" value="([^"]+)"', page.content.decode())[0]
    }
    assert client.post("/send/", again, headers=OURS)["Location"].endswith("/check/")


@pytest.mark.asvs("3.5.1")
@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.example"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site", "Origin": "http://testserver"},
        {"Referer": "https://evil.example/"},
        {"Origin": "null"},
        {"Accept": "*/*"},
    ],
)
def test_a_form_of_another_site_gets_nothing_but_a_refusal(headers: dict[str, str]) -> None:
    client = browser()
    sign_in(make_customer(), client)
    page = stale(client, "/send/", SEND, **headers)
    assert (page.status_code, page.redirect_chain) == (403, [])
    assert kept_forms.KEY not in client.session
    assert "12.34" not in client.get("/send/").content.decode()


def test_a_browser_without_cookies_is_told_about_them() -> None:
    page = browser().post("/login/", {"email": "a@example.com", "password": "x"}, headers=OURS)
    assert page.status_code == 403
    assert "allow cookies" in page.content.decode()


def test_both_at_once_still_bring_it_back() -> None:
    """The session ended, and another tab has signed in and out since: token and session are both of the past."""
    alice, client = make_customer(), browser()
    sign_in(alice, client)
    form = form_of(client, "/send/")
    end_sessions()
    page = stale(client, "/send/", SEND | form)
    assert page.redirect_chain[-1][0] == "/login/?next=/send/"
    assert "the form comes back as you filled it in" in page.content.decode()
    assert values(enter(client, alice))["amount"] == "12.34"


@pytest.mark.parametrize(("path", "home"), [("/wallet/hide/", "/wallet/"), ("/logout/", "/"), ("/theme/", "/")])
def test_a_button_of_a_stale_page_leads_back_to_a_page_with_buttons(path: str, home: str) -> None:
    client = browser()
    sign_in(make_customer(), client)
    page = stale(client, path, {})
    assert page.redirect_chain == [(home, 302)]
    assert "Nothing was done yet: do it again." in page.content.decode()
    assert stale(client, path, {"next": "/activity/"}).redirect_chain == [("/activity/", 302)]
    assert client.get("/settings/").status_code == 200  # still signed in


def test_what_scripts_ask_and_staff_send_is_refused_as_before() -> None:
    client = browser()
    sign_in(make_customer(), client)
    assert stale(client, "/settings/session/", {}).status_code == 403
    sign_in(make_staff(is_superuser=True), client)
    assert stale(client, "/admin/ledger/transfer/add/", {}).status_code == 403


@pytest.mark.asvs("14.2.1")
def test_no_view_keeps_a_secret() -> None:
    kept = {name for _, one in patterns() for name in getattr(one.callback, "kept_fields", ())}
    assert kept == {
        "payee", "amount", "note", "email", "full_name", "handle", "session", "region", "time_zone"
    }  # fmt: skip
