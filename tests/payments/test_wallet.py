"""/wallet/: balances are masked on the server until the view PIN is given."""

from datetime import timedelta
from functools import partial

import pytest
import time_machine
from django.test import Client
from django.utils import timezone
from pytest_django.fixtures import Settings

from accounts.models import SecurityEvent, User
from ledger.models import Account, Transfer
from tests import people
from tests.threads import run_together

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "serializable"])
MASKED = "••••••"


def test_it_opens_the_wallet_at_the_first_visit(as_ada: Client, ada: User) -> None:
    html = as_ada.get("/wallet/").content.decode()
    account = Account.objects.get(owner=ada)
    for shown in ("Hello, Ada", "@ada", account.number_display, "Nothing yet"):
        assert shown in html


@pytest.mark.asvs("14.2.6")
def test_no_page_holds_a_balance_without_the_view_pin(as_ada: Client, ada: User) -> None:
    people.fund(ada, 1_234_56)
    people.fund(ada, 1_00)
    for url in ("/wallet/", "/activity/"):
        html = as_ada.get(url).content.decode()
        assert MASKED in html
        assert "1,235.56" not in html
        assert "123556" not in html
        assert "+€1,234.56" in html  # what a transfer moved is no balance


def test_the_view_pin_shows_it_for_two_minutes(as_ada: Client, ada: User) -> None:
    people.fund(ada, 1_234_56)
    response = as_ada.post("/wallet/reveal/", {"pin": people.VIEW_PIN})
    assert response["Location"] == "/wallet/"
    page = as_ada.get("/wallet/")
    assert "€1,234.56" in page.content.decode()
    assert MASKED not in page.content.decode()
    assert "Shown until" in page.content.decode()
    assert 1 <= people.reload_in(page) <= 121
    assert page["Cache-Control"] == "no-store"
    assert SecurityEvent.objects.get(user=ada).kind == "stepped_up"
    with time_machine.travel(timezone.now() + timedelta(seconds=121)):
        later = as_ada.get("/wallet/")
    assert MASKED in later.content.decode()
    assert people.reload_in(later) == 0


def test_it_is_shown_in_this_browser_only(as_ada: Client, ada: User) -> None:
    people.fund(ada, 1_234_56)
    people.reveal(as_ada)
    assert MASKED in people.sign_in(ada).get("/wallet/").content.decode()


def test_it_can_be_hidden_at_once(as_ada: Client, ada: User) -> None:
    people.fund(ada, 1_234_56)
    people.reveal(as_ada)
    assert as_ada.post("/wallet/hide/", {"next": "/activity/"})["Location"] == "/activity/"
    assert MASKED in as_ada.get("/wallet/").content.decode()
    assert as_ada.get("/wallet/hide/").status_code == 405


@pytest.mark.parametrize("typed", ["", "123", "12345", "٤٠٧١", f"{people.VIEW_PIN}\0", "1111", people.PAYMENT_PIN])
def test_it_stays_masked_on_a_wrong_pin(as_ada: Client, ada: User, typed: str) -> None:
    people.fund(ada, 1_234_56)
    page = as_ada.post("/wallet/reveal/", {"pin": typed})
    assert page.status_code == 200
    assert page.context["form"].errors["pin"]
    assert MASKED in as_ada.get("/wallet/").content.decode()


@pytest.mark.parametrize(
    "elsewhere", ["https://evil.example/", "//evil.example/", "//[", "javascript:alert(1)", "/wallet/reveal/", "\0", ""]
)
def test_it_leads_nowhere_else(as_ada: Client, elsewhere: str) -> None:
    response = as_ada.post("/wallet/reveal/", {"pin": people.VIEW_PIN, "next": elsewhere})
    assert response["Location"] == "/wallet/"


def test_a_strange_place_to_go_to_is_not_gone_to(as_ada: Client) -> None:
    response = as_ada.post("/wallet/reveal/", {"pin": people.VIEW_PIN, "next": "/send/\r\nSet-Cookie: a=b"})
    assert response["Location"] == "/wallet/"


def test_a_pin_that_comes_twice_is_refused(as_ada: Client) -> None:
    page = as_ada.post("/wallet/reveal/", {"pin": [people.VIEW_PIN, people.VIEW_PIN]})
    assert "sent more than once" in page.context["form"].errors["pin"][0]


def test_a_closed_wallet_is_told_in_words(as_ada: Client, ada: User) -> None:
    account = Account.objects.for_owner(ada)
    Account.objects.filter(pk=account.pk).update(status="closed")
    page = as_ada.post("/wallet/demo-money/", follow=True)
    assert "cannot take part in payments" in page.content.decode()


@pytest.mark.asvs("2.3.2")
def test_demo_money_is_given_once(as_ada: Client, ada: User) -> None:
    assert "Take €100.00 of demo money" in as_ada.get("/wallet/").content.decode()
    for _ in range(2):
        assert as_ada.post("/wallet/demo-money/")["Location"] == "/wallet/"
    assert people.balance(ada) == 100_00
    assert "Take €100.00" not in as_ada.get("/wallet/").content.decode()
    assert as_ada.get("/wallet/demo-money/").status_code == 405
    assert Transfer.objects.get().debit_account.name == "promotions"


def test_many_clicks_at_once_are_one_gift(ada: User) -> None:
    browsers = [people.sign_in(ada) for _ in range(8)]
    run_together([partial(browser.post, "/wallet/demo-money/") for browser in browsers])
    assert people.balance(ada) == 100_00


def test_there_is_no_demo_money_outside_demo_mode(as_ada: Client, ada: User, settings: Settings) -> None:
    settings.DEMO = False
    assert "demo money" not in as_ada.get("/wallet/").content.decode()
    assert as_ada.post("/wallet/demo-money/").status_code == 404
    assert not Transfer.objects.exists()
