import pytest
from django.db import connections
from stdnum.iso7064 import mod_97_10

from ledger import numbers
from ledger.db import serializable
from ledger.models import SYSTEM_ACCOUNTS, Account, Kind
from tests.ledger.books import BOTH, race, user

pytestmark = pytest.mark.django_db(transaction=True, databases=BOTH)


def test_a_wallet_opens_at_first_use_and_stays() -> None:
    alice = user("alice")
    wallet = Account.objects.for_owner(alice)
    assert (wallet.kind, wallet.currency, wallet.floor, wallet.balance, wallet.status) == (
        Kind.LIABILITY,
        "EUR",
        0,
        0,
        "open",
    )
    assert Account.objects.for_owner(alice) == wallet
    assert Account.objects.for_owner(alice, "USD") != wallet
    assert serializable(lambda: Account.objects.for_owner(alice)) == wallet


def test_twenty_first_visits_at_once_open_one_wallet() -> None:
    alice = user("alice")
    jobs = [lambda: Account.objects.for_owner(alice).pk] * 10
    jobs += [lambda: serializable(lambda: Account.objects.for_owner(alice).pk)] * 10
    assert len(set(race(jobs))) == 1
    assert Account.objects.count() == 1


def test_system_accounts_open_at_first_use() -> None:
    promotions = Account.objects.system("promotions")
    assert (promotions.kind, promotions.floor, promotions.owner) == (Kind.EXPENSE, None, None)
    assert Account.objects.system("promotions") == promotions
    assert {Account.objects.system(name).name for name in SYSTEM_ACCOUNTS} == set(SYSTEM_ACCOUNTS)
    with pytest.raises(KeyError):
        Account.objects.system("slush fund")


def test_a_taken_number_is_drawn_again(monkeypatch: pytest.MonkeyPatch) -> None:
    drawn = iter([(first := numbers.new()), first, numbers.new()])
    monkeypatch.setattr("ledger.numbers.new", lambda: next(drawn))
    assert Account.objects.for_owner(user("alice")).number != Account.objects.for_owner(user("bobby")).number


def test_a_number_has_check_digits_and_is_found_however_it_is_spaced() -> None:
    wallet = Account.objects.for_owner(user("alice"))
    assert len(wallet.number) == 12 and mod_97_10.is_valid(wallet.number)
    assert wallet.number_display == f"{wallet.number[:4]} {wallet.number[4:8]} {wallet.number[8:]}"
    assert Account.objects.by_number(f" {wallet.number_display}\n") == wallet
    wrong = wallet.number[:-1] + str((int(wallet.number[-1]) + 1) % 10)
    for text in (
        "",
        wrong,
        wallet.number + "0",
        "١٢٣٤٥٦٧٨٩٠١٢",
        wallet.number.replace(wallet.number[0], "x"),
        "\0" * 12,
    ):
        assert Account.objects.by_number(text) is None


def test_no_number_is_drawn_with_wrong_check_digits() -> None:
    for _ in range(1000):
        number = numbers.new()
        assert len(number) == 12 and int(number) % 97 == 1


def test_balances_are_in_no_index() -> None:
    """An update of an account must not touch one, or every payment of the account costs a new version in each."""
    with connections["default"].cursor() as cursor:
        cursor.execute(
            "SELECT DISTINCT attname FROM pg_index JOIN pg_attribute ON attrelid = indrelid AND attnum = ANY(indkey)"
            " WHERE indrelid = 'ledger_account'::regclass"
        )
        indexed = {row[0] for row in cursor.fetchall()}
        assert not indexed & {"balance", "last_seq", "last_posted_at", "head"}
        cursor.execute("SELECT reloptions FROM pg_class WHERE relname = 'ledger_account'")
        assert cursor.fetchone() == (["fillfactor=50"],)


@pytest.mark.parametrize(
    "between", ["\u00a0", "\u202f", "-", "\u2011", "\u2013", ".", "/", "\u200b", "\u2066"], ids=ascii
)
def test_a_number_is_found_however_it_was_copied(between: str) -> None:
    wallet = Account.objects.for_owner(user("alice"))
    number = between.join([wallet.number[:4], wallet.number[4:8], wallet.number[8:]])
    for text in (number, f"\ufeff{number} ", f"Account number: {number}.", number.translate(WIDE)):
        assert Account.objects.by_number(text) == wallet
    assert Account.objects.by_number(number.ljust(5_000)) is None


WIDE = {ord(digit): ord(digit) + 0xFEE0 for digit in "0123456789"}


def test_a_number_that_nobody_can_have_says_what_is_wrong_with_it() -> None:
    number = numbers.new()
    numbers.proofread(number)
    with pytest.raises(numbers.WrongNumber, match="12 digits: this has 11"):
        numbers.proofread(number[:-1])
    for place in range(12):
        wrong = number[:place] + str((int(number[place]) + 1) % 10) + number[place + 1 :]
        with pytest.raises(numbers.WrongNumber, match="check digits"):
            numbers.proofread(wrong)
