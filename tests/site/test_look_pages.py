"""The pages that belong to no app, as an anonymous visitor gets them."""

from collections.abc import Callable

import pytest
from django.http import HttpRequest, HttpResponse
from django.test import Client, RequestFactory
from pytest_django import DjangoDbBlocker, Settings

from wallet_site import errors
from wallet_site.context import THEME_COOKIE

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("address", ["/", "/help/"])
def test_it_renders_for_anybody(client: Client, address: str) -> None:
    response = client.get(address)
    assert response.status_code == 200
    html = response.content.decode()
    assert html.count("<h1") == 1
    assert '<main id="main"' in html
    assert 'href="#main"' in html


def test_the_style_guide_is_for_demo_mode_only(client: Client, settings: Settings) -> None:
    settings.DEMO = False
    assert client.get("/styleguide/").status_code == 404
    settings.DEMO = True
    assert client.get("/styleguide/").status_code == 200


def test_it_keeps_the_chosen_theme_and_comes_back(client: Client) -> None:
    response = client.post("/theme/", {"theme": "dark", "next": "/help/"})
    assert response["Location"] == "/help/"
    assert response.cookies[THEME_COOKIE]["httponly"]
    assert 'data-theme="dark"' in client.get("/").content.decode()


def test_automatic_forgets_the_chosen_theme(client: Client) -> None:
    client.cookies[THEME_COOKIE] = "dark"
    assert client.post("/theme/", {"theme": "system", "next": "/"}).cookies[THEME_COOKIE].value == ""


@pytest.mark.parametrize("elsewhere", ["https://example.com/", "//example.com", "javascript:alert(1)", "help/", ""])
def test_the_theme_form_leads_to_no_other_site(client: Client, elsewhere: str) -> None:
    assert client.post("/theme/", {"theme": "dark", "next": elsewhere})["Location"] == "/"


def test_an_unknown_theme_in_the_cookie_is_ignored(client: Client) -> None:
    client.cookies[THEME_COOKIE] = '"><script>'
    html = client.get("/").content.decode()
    assert "data-theme" not in html
    assert "<script>" not in html


def test_theme_is_changed_by_post_only(client: Client) -> None:
    assert client.get("/theme/?theme=dark").status_code == 405


def test_a_page_that_is_not_there_says_that_no_money_moved(client: Client) -> None:
    response = client.get("/no-such-page/")
    assert response.status_code == 404
    assert "No money has moved" in response.content.decode()


def test_a_bad_host_gets_a_page_of_ours(client: Client) -> None:
    response = client.get("/", headers={"host": "evil.example"})
    assert response.status_code == 400
    assert "No money has moved" in response.content.decode()


def test_a_stale_form_gets_a_page_of_ours() -> None:
    client = Client(enforce_csrf_checks=True)
    response = client.post("/theme/", {"theme": "dark"})
    assert response.status_code == 403
    assert "No money has moved" in response.content.decode()
    assert THEME_COOKIE not in response.cookies


@pytest.mark.parametrize(("view", "status"), [(errors.server_error, 500), (errors.unavailable, 503)])
def test_a_failure_page_needs_neither_session_nor_database(
    rf: RequestFactory, django_db_blocker: DjangoDbBlocker, view: Callable[[HttpRequest], HttpResponse], status: int
) -> None:
    request = rf.get("/wallet/")  # no user and no session on it
    with django_db_blocker.block():
        response = view(request)
    html = response.content.decode()
    assert response.status_code == status
    assert "No money has moved" not in html
    assert "cannot be paid twice" in html
