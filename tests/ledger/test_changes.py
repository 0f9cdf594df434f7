"""Floors and status change on the record: by whom, why, and as which role of the database."""

import psycopg
import pytest
from django.db import IntegrityError

from accounts.models import User
from ledger.changes import set_floor, set_status
from ledger.models import Account, AccountChange, Status
from tests.ledger.books import BOTH, account

pytestmark = pytest.mark.django_db(transaction=True, databases=BOTH)


def recorded(of: Account) -> list[tuple[str, str | None, str | None, str]]:
    return list(AccountChange.objects.filter(account=of).order_by("id").values_list("what", "old", "new", "why"))


def test_a_change_says_who_and_why(people: list[User]) -> None:
    wallet = account(100)
    set_status(wallet, Status.FROZEN, by=people[0].pk, why="asked to by phone")
    set_floor(wallet, None, by=None, why="overdraft agreed")
    assert recorded(wallet) == [
        ("status", "open", "frozen", "asked to by phone"),
        ("floor", "0", None, "overdraft agreed"),
    ]
    first, second = AccountChange.objects.order_by("id")
    assert (first.by, second.by) == (people[0], None)
    assert first.role == "wallet_owner"
    wallet.refresh_from_db()
    assert (wallet.status, wallet.floor) == ("frozen", None)


def test_a_change_by_hand_is_recorded_too(owner: psycopg.Connection, people: list[User]) -> None:
    """Thawed, used and frozen again in one transaction: both changes stay, and neither has the reason of another's."""
    wallet = account(100)
    set_status(wallet, Status.FROZEN, by=people[0].pk, why="a reason")
    owner.execute("SELECT ledger_set_floor(%s, -5, %s, 'another reason')", [wallet.pk, people[0].pk])
    owner.execute("UPDATE ledger_account SET status = 'open' WHERE id = %s", [wallet.pk])
    owner.execute("UPDATE ledger_account SET status = 'frozen', floor = 7, name = 'x' WHERE id = %s", [wallet.pk])
    owner.commit()
    assert recorded(wallet) == [
        ("status", "open", "frozen", "a reason"),
        ("floor", "0", "-5", "another reason"),
        ("status", "frozen", "open", ""),
        ("floor", "-5", "7", ""),
        ("status", "open", "frozen", ""),
        ("name", wallet.name, "x", ""),
    ]
    assert not AccountChange.objects.filter(why="").exclude(by=None).exists()


def test_nothing_is_recorded_of_what_did_not_change() -> None:
    wallet = account(100)
    Account.objects.filter(pk=wallet.pk).update(status="open", floor=0)
    assert recorded(wallet) == []


@pytest.mark.parametrize("why", ["", "  "])
def test_a_change_without_a_reason_is_refused(why: str) -> None:
    wallet = account(100)
    with pytest.raises(IntegrityError, match="says why"):
        set_status(wallet, Status.CLOSED, by=None, why=why)
    with pytest.raises(IntegrityError, match="says why"):
        set_floor(wallet, 5, by=None, why=why)


def test_a_change_of_no_account_is_refused() -> None:
    with pytest.raises(IntegrityError, match="of an account"):
        set_status(2**40, Status.FROZEN, by=None, why="a reason")


def test_what_the_books_refuse_is_refused_here_too() -> None:
    wallet = account(100)
    with pytest.raises(IntegrityError, match="closed_account_has_no_money"):
        set_status(wallet, Status.CLOSED, by=None, why="a reason")
    with pytest.raises(IntegrityError, match="balance_is_not_below_its_floor"):
        set_floor(wallet, 101, by=None, why="a reason")
    assert recorded(wallet) == []
