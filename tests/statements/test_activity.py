"""/activity/: newest first, a day at a time, older ones by key."""

import re
import uuid
from datetime import datetime, timedelta

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import User
from ledger.models import Account, Entry, Transfer
from ledger.posting import Order, post
from statements.lines import Line, day_name
from tests import people

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "serializable"])


def pay(payer: Account, payee: Account, amount: int, *, memo: str = "", at: datetime | None = None) -> None:
    post([Order(id=uuid.uuid4(), debit=payer, credit=payee, amount=amount, kind="payment", memo=memo)], at=at)


def amounts(html: str) -> list[str]:
    return re.findall(r"amount--(?:in|out)\">([^<]+)<", html)


def test_it_is_empty_at_first(as_ada: Client) -> None:
    page = as_ada.get("/activity/")
    assert "Nothing yet" in page.content.decode()
    assert "Older<" not in page.content.decode()


def test_it_lists_the_newest_first_by_day(as_ada: Client, ada: User, grace: User) -> None:
    hers, his, outside = (
        Account.objects.for_owner(ada),
        Account.objects.for_owner(grace),
        Account.objects.system("cash"),
    )
    now = timezone.now()
    pay(outside, hers, 100_00, memo="Start", at=now - timedelta(days=2))
    pay(hers, his, 12_34, memo="Lunch", at=now - timedelta(days=1))
    pay(his, hers, 5_00, memo="<b>Change</b>")
    page = as_ada.get("/activity/")
    html = page.content.decode()
    assert amounts(html) == ["+€5.00", "−€12.34", "+€100.00"]
    assert re.findall(r"<time [^>]*>(Today|Yesterday)</time>", html) == ["Today", "Yesterday"]
    assert html.index("&lt;b&gt;Change") < html.index("Lunch") < html.index("Start")
    assert "You received" in html
    assert "You sent" in html


@pytest.mark.parametrize("page", ["/activity/", "/wallet/"])
def test_a_customer_cannot_look_like_the_bank(as_ada: Client, ada: User, page: str) -> None:
    hers, look_alike = Account.objects.for_owner(ada), people.make_customer("mallory", "Bank transfer")
    pay(Account.objects.system("settlement"), hers, 5_00)
    pay(Account.objects.system("settlement"), Account.objects.for_owner(look_alike), 5_00)
    pay(Account.objects.for_owner(look_alike), hers, 1_00)
    names = re.findall(r'class="activity__who"\s+href="[^"]*">(.*?)</a>', as_ada.get(page).content.decode())
    assert names == [
        '<bdi>Bank transfer</bdi> <span class="meta">@mallory</span>',
        "<bdi>Bank transfer</bdi>",
    ]


def test_older_pages_begin_where_the_newer_ended(as_ada: Client, ada: User, grace: User) -> None:
    people.fund(ada, 100_00)
    hers, his = Account.objects.for_owner(ada), Account.objects.for_owner(grace)
    for cents in range(1, 25):
        pay(hers, his, cents)
    first = as_ada.get("/activity/").content.decode()
    older = re.search(r"\?before=([0-9]+)", first)
    assert older
    pay(hers, his, 25)  # arrives between the two pages
    second = as_ada.get(f"/activity/?before={older[1]}").content.decode()
    assert amounts(first) + amounts(second) == [*(f"−€0.{cents:02}" for cents in range(24, 0, -1)), "+€100.00"]
    assert "Older<" not in second
    assert "There is nothing older" in as_ada.get("/activity/?before=1").content.decode()


@pytest.mark.parametrize("before", ["", "x", "-1", "1e3", "١", "9" * 30, "1\0"])
def test_it_has_no_page_for_what_is_no_place_in_it(as_ada: Client, before: str) -> None:
    assert as_ada.get("/activity/", {"before": before}).status_code == 404


def test_it_shows_nobody_elses(as_grace: Client, ada: User) -> None:
    people.fund(ada, 100_00)
    assert "Nothing yet" in as_grace.get("/activity/").content.decode()


def test_a_page_takes_the_same_number_of_queries_however_long_it_is(
    as_ada: Client, ada: User, grace: User, django_assert_max_num_queries: pytest.FixtureRequest
) -> None:
    people.fund(ada, 100_00)
    hers, his = Account.objects.for_owner(ada), Account.objects.for_owner(grace)
    for cents in range(1, 15):
        pay(hers, his, cents)
    with django_assert_max_num_queries(10):  # type: ignore[operator]
        as_ada.get("/activity/")


def test_days_of_another_year_say_which() -> None:
    assert day_name(timezone.localdate()) == "Today"
    assert re.fullmatch(r"[A-Z][a-z]+ 1 March 2020", day_name(datetime(2020, 3, 1).date()))


@pytest.mark.parametrize(("signed", "word"), [(5, "Money in"), (-5, "Money out")])
def test_a_kind_that_nobody_has_words_for_is_not_called_a_payment(signed: int, word: str) -> None:
    transfer = Transfer(kind="interest", currency="EUR")
    account = Account(kind="liability")
    entry = Entry(transfer=transfer, account=account, amount=5, side="credit" if signed > 0 else "debit")
    assert Line(entry).word == word
