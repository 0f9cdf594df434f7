"""Who is a customer here is not to be found out by asking /send/ about one address after another."""

from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django.fixtures import Settings

from accounts.models import Tally, User
from payments.models import Payment
from tests import people
from tests.threads import run_together

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "serializable"])
GOOD = {"payee": "@grace", "amount": "12.34", "note": "Lunch"}
WAIT = "Try again in an hour."


@pytest.fixture(autouse=True)
def _limit(settings: Settings, grace: User) -> None:
    settings.UNKNOWN_PAYEES_PER_HOUR = 3


def ask(client: Client, payee: str) -> Any:
    return client.post("/send/", GOOD | {"payee": payee})


def test_after_so_many_unknown_ones_nobody_is_looked_up(as_ada: Client) -> None:
    for number in range(3):
        page = ask(as_ada, f"nobody{number}@example.com")
        assert "We can’t find anyone" in page.context["form"].errors["payee"][0]
    for payee in ("nobody@example.com", "grace@example.com", "@ada"):  # alike, whoever it is
        page = ask(as_ada, payee)
        assert list(page.context["form"].errors) == ["payee"]
        assert WAIT in page.context["form"].errors["payee"][0]
        html = page.content.decode()
        assert 'id="id_payee_error"' in html
        for value in (payee, "12.34", "Lunch"):
            assert f'value="{value}"' in html
    assert not Payment.objects.exists()


def test_known_ones_and_other_mistakes_are_not_counted(as_ada: Client) -> None:
    for wrong in ({"payee": ""}, {"payee": "@ada"}, {"amount": "0"}, {"note": "x" * 141}, {}):
        for _ in range(4):
            as_ada.post("/send/", GOOD | wrong)
    assert Payment.objects.count() == 4
    assert Tally.objects.get(scope="payee").count == 0


def test_an_hour_later_one_may_ask_again(as_ada: Client) -> None:
    for _ in range(4):
        ask(as_ada, "@nobody")
    assert WAIT in ask(as_ada, "@grace").content.decode()
    Tally.objects.filter(scope="payee").update(ends_at=timezone.now() - timedelta(seconds=1))
    assert ask(as_ada, "@grace").status_code == 302


def test_it_is_each_customers_own_limit(as_ada: Client, as_grace: Client) -> None:
    for _ in range(4):
        ask(as_ada, "@nobody")
    assert ask(as_grace, "@ada").status_code == 302


def test_asking_many_times_at_once_asks_no_more(ada: User) -> None:
    browsers = [people.sign_in(ada) for _ in range(20)]
    asked = [partial(ask, browser, f"nobody{number}@example.com") for number, browser in enumerate(browsers)]
    pages: list[Any] = run_together(asked)
    assert sum("We can’t find anyone" in page.content.decode() for page in pages) == 3
