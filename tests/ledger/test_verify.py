"""verify_ledger finds what somebody who can switch the rules off leaves behind, and a checkpoint what even that hides."""

import io

import pytest
from django.core.management import call_command
from django.db import connections, transaction

from ledger import verify
from ledger.models import Account, Entry
from ledger.posting import post
from ledger.snapshot import snapshot
from tests.ledger.books import BOTH, account, order, race
from tests.ledger.damage import RULES, tamper

pytestmark = pytest.mark.django_db(transaction=True, databases=BOTH)


@pytest.fixture(autouse=True)
def history() -> list[Account]:
    """Three accounts with twenty payments among them."""
    accounts = [account(1000) for _ in range(3)]
    for turn in range(20):
        post([order(accounts[turn % 3], accounts[(turn + 1) % 3], turn + 1)])
    return accounts


def faults() -> set[str]:
    with snapshot() as cursor:
        return {fault.what for fault in verify.faults(cursor)}


def test_right_books_are_right() -> None:
    assert faults() == set()
    out = io.StringIO()
    call_command("verify_ledger", stdout=out)
    assert "The books are right." in out.getvalue()
    assert "46 entries" in out.getvalue()


MIDDLE = "(SELECT min(id) FROM ledger_entry WHERE seq = 5 AND balance_after > 100)"
TAMPERED = {
    f"UPDATE ledger_entry SET amount = amount + 1 WHERE id = {MIDDLE}": {
        "an entry is not a leg of its transfer",
        "a balance does not follow from the one before",
        "a digest does not follow from the one before",
    },
    f"UPDATE ledger_entry SET balance_after = balance_after + 1 WHERE id = {MIDDLE}": {
        "a balance does not follow from the one before",
        "a digest does not follow from the one before",
    },
    f"UPDATE ledger_entry SET posted_at = posted_at - interval '1 day' WHERE id = {MIDDLE}": {
        "an entry is not a leg of its transfer",
        "an entry is dated before the one before",
        "a digest does not follow from the one before",
    },
    f"UPDATE ledger_entry SET seq = 1000 WHERE id = {MIDDLE}": {
        "a sequence has a gap or a repeat",
        "a balance does not follow from the one before",
        "an entry is dated before the one before",
        "a digest does not follow from the one before",
        "an account's balance is not its last entry's",
        "an account's head is not its last entry's digest",
    },
    f"DELETE FROM ledger_entry WHERE id = {MIDDLE}": {
        "a sequence has a gap or a repeat",
        "a balance does not follow from the one before",
        "a digest does not follow from the one before",
        "a transfer does not have its two entries",
        "there are other entries than the accounts count",
    },
    f"UPDATE ledger_entry SET digest = sha256('x') WHERE id = {MIDDLE}": {
        "a digest does not follow from the one before"
    },
    f"UPDATE ledger_entry SET transfer_id = gen_random_uuid() WHERE id = {MIDDLE}": {
        "an entry has no transfer",
        "a transfer does not have its two entries",
    },
    f"UPDATE ledger_entry SET account_id = 0 WHERE id = {MIDDLE}": {
        "an entry has no account",
        "a sequence has a gap or a repeat",
        "a balance does not follow from the one before",
        "a digest does not follow from the one before",
    },
    "UPDATE ledger_transfer SET memo = 'another' WHERE amount = 7": {"a digest does not follow from the one before"},
    "UPDATE ledger_transfer SET amount = 8 WHERE amount = 7": {
        "an entry is not a leg of its transfer",
        "a digest does not follow from the one before",
    },
    "DELETE FROM ledger_transfer WHERE amount = 7": {"an entry has no transfer"},
    "UPDATE ledger_account SET balance = balance + 1 WHERE last_seq = 14": {
        "an account's balance is not its last entry's",
        "the trial balance does not balance",
    },
    "UPDATE ledger_account SET head = sha256('x') WHERE last_seq = 14": {
        "an account's head is not its last entry's digest"
    },
    "UPDATE ledger_account SET last_posted_at = now() + interval '1 day' WHERE last_seq = 14": {
        "an account's head is not its last entry's digest"
    },
    "ALTER TABLE ledger_transfer ALTER fingerprint DROP EXPRESSION; UPDATE ledger_transfer SET fingerprint = sha256('x') WHERE amount = 7": {
        "a digest does not follow from the one before",
        "a transfer has another fingerprint",
    },
    "ALTER TABLE ledger_account DROP CONSTRAINT balance_is_not_below_its_floor; UPDATE ledger_account SET floor = 9999 WHERE floor = 0": {
        "an account is below its floor"
    },
    "ALTER TABLE ledger_account DROP CONSTRAINT closed_account_has_no_money; UPDATE ledger_account SET status = 'closed' WHERE floor = 0": {
        "a closed account has money on it"
    },
    "UPDATE ledger_transfer SET reverses_id = (SELECT id FROM ledger_transfer WHERE amount = 3) WHERE amount = 7": {
        "a reversal does not mirror its transfer",
        "a digest does not follow from the one before",
    },
    "DROP INDEX reversed_once; UPDATE ledger_transfer SET reverses_id = id WHERE amount = 7;"
    "UPDATE ledger_transfer SET reverses_id = (SELECT id FROM ledger_transfer WHERE amount = 7) WHERE amount IN (3, 7)": {
        "a transfer is reversed more than once",
        "a reversal does not mirror its transfer",
        "a reversal comes before its transfer",
        "a digest does not follow from the one before",
    },
}


@pytest.mark.parametrize("statement", TAMPERED)
def test_an_altered_row_is_found(statement: str) -> None:
    """Within one transaction, so that dropped constraints come back with its rollback."""
    with transaction.atomic():
        tamper(statement)
        with connections["default"].cursor() as cursor:
            found = {fault.what for fault in verify.faults(cursor)}
        transaction.set_rollback(True)
    assert {what for what in found if not what.startswith(RULES)} == TAMPERED[statement]
    assert any(what.startswith(RULES) for what in found) == ("ALTER" in statement or "DROP" in statement)
    assert faults() == set()


def test_each_fault_is_printed_with_its_ids_and_the_status_is_1() -> None:
    entry = Entry.objects.get(transfer__amount=7, side="credit")
    tamper(f"UPDATE ledger_entry SET digest = sha256('x') WHERE id = {entry.pk}")
    out = io.StringIO()
    with pytest.raises(SystemExit) as stopped:
        call_command("verify_ledger", stdout=out)
    assert stopped.value.code == 1
    where = f"account {entry.account_id} seq {entry.seq} transfer {entry.transfer_id} entry {entry.pk}"
    assert f"FAULT a digest does not follow from the one before: {where}" in out.getvalue()
    assert "The books are WRONG: 2 faults." in out.getvalue()  # it and the one after it


def test_it_shows_its_progress_slice_by_slice(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(verify, "SLICE", 5)
    steps: list[tuple[int, int]] = []
    with snapshot() as cursor:
        assert list(verify.faults(cursor, lambda done, total: steps.append((done, total)))) == []
    assert len(steps) > 2
    assert steps[-1] == (46, 46)


def test_it_blocks_no_payment_and_sees_one_moment(history: list[Account]) -> None:
    with snapshot() as cursor:
        cursor.execute("SELECT count(*) FROM public.ledger_transfer")
        (paid,) = race([lambda: len(post([order(history[0], history[1], 1)]))])
        assert paid == 1
        assert list(verify.faults(cursor)) == []
        cursor.execute("SELECT count(*) FROM public.ledger_transfer")
        assert cursor.fetchone()[0] == 23
