import random
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from beancount import loader
from beancount.core import realization
from django.core.management import call_command

from ledger.models import Account
from ledger.posting import post
from tests.ledger.books import BOTH, account, order, user

pytestmark = pytest.mark.django_db(transaction=True, databases=BOTH)

BEAN_CHECK = Path(sys.executable).with_name("bean-check")


@pytest.fixture
def journal(tmp_path: Path) -> Path:
    """A random history over some days, in three currencies, with memos that need care."""
    chance = random.Random(7)
    memos = ["", 'say "hi"', "back\\slash", "Łódź ☃", "two\nlines", '2026-01-01 * "injected"', "x" * 200]
    wallets = [Account.objects.for_owner(user(name)) for name in ("adalove", "grace")]
    accounts = {
        currency: [account(currency=currency, floor=None) for _ in range(5)] for currency in ("EUR", "JPY", "BHD")
    }
    accounts["EUR"] += [*wallets, Account.objects.system("cash"), Account.objects.system("fees")]
    Account.objects.filter(pk__in=[w.pk for w in wallets]).update(floor=None)
    start = datetime(2026, 3, 1, tzinfo=UTC)
    for hour in range(150):
        currency = chance.choice(list(accounts))
        debit, credit = chance.sample(accounts[currency], 2)
        amount, memo = chance.randrange(1, 10**9), chance.choice(memos)
        post([order(debit, credit, amount, memo=memo, currency=currency)], at=start + timedelta(hours=hour))
    path = tmp_path / "journal.beancount"
    call_command("export_journal", output=path)
    return path


def test_bean_check_passes(journal: Path) -> None:
    check = subprocess.run([BEAN_CHECK, journal], capture_output=True, text=True, check=False)
    assert (check.returncode, check.stdout, check.stderr) == (0, "", "")


def test_bean_check_finds_a_balance_that_is_not_ours(journal: Path) -> None:
    """The control: the assertions in the file are real ones."""
    text = journal.read_text()
    digit = text.rindex(" ~ 0 EUR") - 1
    journal.write_text(f"{text[:digit]}{(int(text[digit]) + 1) % 10}{text[digit + 1 :]}")
    assert subprocess.run([BEAN_CHECK, journal], capture_output=True, check=False).returncode == 1


def test_its_balances_are_ours(journal: Path) -> None:
    entries, errors, _ = loader.load_file(str(journal))
    assert errors == []
    tree: Any = realization.realize(entries)  # type: ignore[no-untyped-call]
    places = {"EUR": 2, "JPY": 0, "BHD": 3}
    for ours in Account.objects.exclude(last_seq=0):
        (name,) = [n for n in _names(tree) if n.endswith(ours.number)]
        position = realization.get(tree, name).balance.get_currency_units(ours.currency)  # type: ignore[no-untyped-call]
        signed = ours.balance if ours.is_debit_normal else -ours.balance
        assert position.number == Decimal(signed).scaleb(-places[ours.currency]), name


def _names(tree: Any) -> list[str]:
    return [real.account for real in realization.iter_children(tree)]  # type: ignore[no-untyped-call]


def test_every_transfer_is_there_once(journal: Path) -> None:
    assert journal.read_text().count("\n  transfer: ") == 150
