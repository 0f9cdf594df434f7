"""A customer's own word for a line: put on, found by, added up a month, and nobody else's business."""

import uuid
from datetime import datetime

import pytest
import time_machine
from django.test import Client
from django.utils import timezone

from accounts.models import User
from ledger.models import Account
from statements import tags
from statements.models import Tag, TaggedLine
from tests import people
from tests.statements.history import pay, take_over

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "serializable"])
NOW = datetime(2026, 3, 17, 12, tzinfo=timezone.get_fixed_timezone(0))


@pytest.fixture
def bought(ada: User, grace: User) -> list[uuid.UUID]:
    """Bread, butter and, in February, a bicycle."""
    hers, his = Account.objects.for_owner(ada), Account.objects.for_owner(grace)
    made = [("2026-02-01", 200_00, "Bicycle"), ("2026-03-01", 3_20, "Bread"), ("2026-03-16", 2_80, "Butter")]
    pay(
        Account.objects.system("settlement"), hers, 1_000_00, at=datetime(2026, 1, 1, tzinfo=NOW.tzinfo), kind="deposit"
    )
    found = [
        pay(hers, his, amount, memo=memo, at=datetime.fromisoformat(f"{day}T10:00+00:00")) for day, amount, memo in made
    ]
    return found[::-1]


def test_a_line_gets_a_tag_and_loses_it(as_ada: Client, bought: list[uuid.UUID]) -> None:
    butter = f"/activity/{bought[0]}/"
    assert as_ada.post(f"{butter}tag/", {"tag": " Groceries "})["Location"] == butter
    assert 'value="Groceries"' in as_ada.get(butter).content.decode()
    as_ada.post(f"{butter}tag/", {"tag": "Food"})
    assert list(Tag.objects.values_list("name", flat=True)) == ["Food"]
    as_ada.post(f"{butter}tag/", {"tag": ""})
    assert not Tag.objects.exists() and not TaggedLine.objects.exists()
    assert as_ada.get(f"{butter}tag/")["Location"] == butter


def test_capitals_make_no_other_tag(as_ada: Client, bought: list[uuid.UUID]) -> None:
    for transfer, tag in zip(bought, ["Food", "FOOD", "food"], strict=True):
        as_ada.post(f"/activity/{transfer}/tag/", {"tag": tag})
    assert list(Tag.objects.values_list("name", flat=True)) == ["Food"]
    assert TaggedLine.objects.count() == 3


@pytest.mark.parametrize(("tag", "message"), [("x" * 31, "at most 30"), ("a\0b", "invisible characters")])
def test_a_tag_that_is_none_is_told_beside_its_field(
    as_ada: Client, bought: list[uuid.UUID], tag: str, message: str
) -> None:
    page = as_ada.post(f"/activity/{bought[0]}/tag/", {"tag": tag})
    assert message in page.context["form"].errors["tag"][0]
    assert 'id="id_tag_error"' in page.content.decode()


def test_there_are_so_many_tags_and_no_more(
    as_ada: Client, bought: list[uuid.UUID], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tags, "MOST", 1)
    as_ada.post(f"/activity/{bought[0]}/tag/", {"tag": "One"})
    page = as_ada.post(f"/activity/{bought[1]}/tag/", {"tag": "Two"})
    assert "no room for more" in page.context["form"].errors["tag"][0]


@pytest.mark.parametrize("is_taken_over", [True, False])
@time_machine.travel(NOW)
def test_lines_are_found_by_their_tag(as_ada: Client, bought: list[uuid.UUID], is_taken_over: bool) -> None:
    for transfer in bought[:2]:
        as_ada.post(f"/activity/{transfer}/tag/", {"tag": "Food & drink"})
    if is_taken_over:
        take_over()

    def found(query: dict[str, str]) -> list[uuid.UUID]:
        page = as_ada.get("/activity/", query)
        return [line.entry.transfer_id for month in page.context["months"] for line in month.lines]

    assert found({"tag": "Food & drink"}) == bought[:2]
    assert found({"tag": "Food & drink", "q": "bread"}) == [bought[1]]
    assert found({"tag": "food"}) == []


@time_machine.travel(NOW)
def test_each_tag_is_added_up_a_month_while_balances_are_shown(as_ada: Client, bought: list[uuid.UUID]) -> None:
    for transfer, tag in zip(bought, ["Food", "Food", "Fun"], strict=True):
        as_ada.post(f"/activity/{transfer}/tag/", {"tag": tag})
    masked = as_ada.get("/activity/tags/").content.decode()
    assert "Food" in masked and "6.00" not in masked
    people.reveal(as_ada)
    page = as_ada.get("/activity/tags/")
    assert page.context["sums"] == [("Food", 0, 6_00)]
    assert "€6.00" in page.content.decode()
    assert as_ada.get("/activity/tags/?month=2026-02").context["sums"] == [("Fun", 0, 200_00)]
    wrong = as_ada.get("/activity/tags/?month=2026-04").content.decode()
    assert "has begun" in wrong and "Food" not in wrong


def test_a_tag_is_nobody_elses(as_grace: Client, as_ada: Client, bought: list[uuid.UUID]) -> None:
    as_ada.post(f"/activity/{bought[0]}/tag/", {"tag": "Secret"})
    assert "Secret" not in as_grace.get(f"/activity/{bought[0]}/").content.decode()
    as_grace.post(f"/activity/{bought[0]}/tag/", {"tag": "Mine"})
    assert 'value="Secret"' in as_ada.get(f"/activity/{bought[0]}/").content.decode()
    charlie = people.sign_in(people.make_customer("charlie", "Charlie Babbage"))
    assert charlie.post(f"/activity/{bought[0]}/tag/", {"tag": "x"}).status_code == 404
