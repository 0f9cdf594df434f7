"""What counts as a page of ours, wherever an address comes in; and no page without a page."""

from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client, RequestFactory

from tests.addresses import patterns
from tests.people import code_for, make_customer, make_staff, sign_in
from web.addresses import absolute, is_from_us, is_ours, page

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "serializable"])

OURS = ["/", "/wallet/", "/activity/?before=12", "/send/?to=@grace", "/send/?to=%C3%A4", "/settings/security/#codes"]
NOT_OURS = [
    "", "wallet/", "https://evil.example/", "//evil.example", "///evil.example", "/\\evil.example", "\\\\evil.example",
    "/\tevil", "/\n/evil.example", "\t//evil.example", " /wallet/", "/wallet/ ", "/wal let/", "/\0/", "/wallet/\0",
    "/wallet/%00", "/wallet/?x=%0d%0aSet-Cookie:%20a=b", "/%09/evil.example", "/wallet/\x7f", "/\u2028", "/\u202egro",
    "/wallet/\\..\\", "javascript:alert(1)", "data:text/html,x", "/" + "a" * 2000, "http:/evil.example", "/\ufeff",
]  # fmt: skip


@pytest.mark.asvs("3.7.2")
@pytest.mark.parametrize("url", OURS)
def test_a_path_of_ours_is_ours(url: str) -> None:
    assert is_ours(url)
    assert page(url) == url


@pytest.mark.asvs("3.7.2")
@pytest.mark.parametrize("url", NOT_OURS)
def test_what_a_browser_could_read_otherwise_is_not(url: str) -> None:
    assert not is_ours(url)
    assert page(url) == ""


def lands(answer: Any) -> str:
    return str(answer["Location"])


@pytest.mark.asvs("3.7.2")
@pytest.mark.parametrize("wanted", NOT_OURS)
def test_no_form_or_address_leads_there(wanted: str) -> None:
    client, alice = Client(), make_customer()
    assert lands(client.post("/theme/", {"theme": "dark", "next": wanted})) == "/"
    client.post("/login/", {"email": alice.email, "password": "correct horse battery", "next": wanted})
    assert lands(client.post("/login/code/", {"code": code_for(alice)})) == "/wallet/"
    assert lands(client.post("/wallet/hide/", {"next": wanted})) == "/wallet/"
    assert lands(client.post("/wallet/reveal/", {"pin": "7306", "next": wanted})) == "/wallet/"
    assert lands(client.get("/login/", {"next": wanted})) == "/wallet/"
    sign_in(make_staff(), client)
    assert lands(client.get("/admin/login/", {"next": wanted})) == "/admin/"


PLAIN = sorted(route for route, one in patterns() if "<" not in route and "(" not in route)
FORMS_ONLY = sorted(route for route, one in patterns() if getattr(one.callback, "home", "") and "<" not in route)


def test_every_view_that_only_takes_forms_says_on_which_page_they_stand() -> None:
    client = Client()
    sign_in(make_customer(), client)
    assert [route for route in PLAIN if client.get(route).status_code == 405] == FORMS_ONLY
    assert "/wallet/hide/" in FORMS_ONLY


@pytest.mark.parametrize("path", ["/wallet/hide/", "/wallet/demo-money/"])
def test_a_form_sent_after_the_end_of_the_session_ends_at_a_page(path: str) -> None:
    client, alice = Client(), make_customer()
    asked = client.post(path, {"next": "/activity/"})
    assert lands(asked) == "/login/?next=/activity/"
    assert lands(client.post(path)) == "/login/?next=/wallet/"
    for next_page in (path, f"{path}?x=1", path.rstrip("/")):
        client.post("/login/", {"email": alice.email, "password": "correct horse battery", "next": next_page})
        assert client.session["sign_in"]["next"] in ("/wallet/", next_page) and page(next_page) == "/wallet/"
    answer = client.post("/login/code/", {"code": code_for(alice)}, follow=True)
    assert answer.status_code == 200


def test_signing_in_goes_to_no_page_that_does_not_exist_and_to_none_that_only_scripts_ask() -> None:
    assert page("/no/such/page/") == ""
    assert page("/settings/session/") == ""
    assert page("/settings") == "/settings"  # Django adds the slash


def test_where_a_balance_was_to_be_shown_is_not_forgotten() -> None:
    answer = Client().post("/wallet/reveal/", {"pin": "7306", "next": "/activity/?before=3"})
    assert lands(answer) == "/login/?next=/wallet/reveal/%3Fnext%3D%252Factivity%252F%253Fbefore%253D3"


METHODS = ["GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "BREW"]


@pytest.mark.asvs("16.5.1")
@pytest.mark.parametrize("who", ["nobody", "a customer", "staff"])
def test_no_answer_of_any_page_is_an_empty_one(who: str) -> None:
    """Every address, every method: whatever goes wrong has a page of ours, with the way on."""
    person = {"nobody": lambda: None, "a customer": make_customer, "staff": lambda: make_staff(is_superuser=True)}[
        who
    ]()
    empty = []
    for route in PLAIN:
        for method in METHODS:
            client = Client()
            if person:
                sign_in(person, client)
            answer: HttpResponse = client.generic(method, route)
            assert answer.status_code < 500, (method, route)
            is_ours_or_json = (
                b"<h1>" in answer.content or b"<h1" in answer.content or "html" not in answer["Content-Type"]
            )
            if answer.status_code >= 400 and not is_ours_or_json:
                empty.append((method, route, answer.status_code))
    assert empty == []


def test_the_page_for_a_form_shows_the_way_and_keeps_the_status() -> None:
    client = Client()
    sign_in(make_customer(), client)
    answer = client.get("/wallet/hide/")
    assert (answer.status_code, answer["Allow"]) == (405, "POST")
    assert 'href="/wallet/"' in answer.content.decode()
    assert client.post("/wallet/").status_code == 405


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        ({"Sec-Fetch-Site": "same-origin"}, True),
        ({"Sec-Fetch-Site": "same-origin", "Origin": "http://testserver"}, True),
        ({"Origin": "http://testserver"}, True),
        ({"Referer": "http://testserver/send/"}, True),
        ({}, False),
        ({"Sec-Fetch-Site": "cross-site", "Origin": "http://testserver"}, False),
        ({"Sec-Fetch-Site": "same-site"}, False),
        ({"Sec-Fetch-Site": "none"}, False),
        ({"Sec-Fetch-Site": "same-origin", "Origin": "https://evil.example"}, False),
        ({"Origin": "null"}, False),
        ({"Origin": "http://testserver.evil.example"}, False),
        ({"Referer": "http://[evil"}, False),
        ({"Referer": "https://evil.example/?http://testserver/"}, False),
    ],
)
def test_only_a_browser_on_a_page_of_ours_comes_from_us(headers: dict[str, str], expected: bool) -> None:
    assert is_from_us(RequestFactory().post("/send/", headers=headers)) is expected


def test_an_absolute_address_is_made_of_the_setting() -> None:
    assert absolute("/join/x/") == "http://testserver/join/x/"
