"""verify_ledger finds what somebody who can switch the rules off leaves behind, and a checkpoint what even that hides."""

import io
import json
import os
from base64 import urlsafe_b64encode
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.db import connections, transaction
from pytest_django import Settings

from ledger import verify
from ledger.checkpoint import MerkleRoot, leaf, node
from ledger.models import Account, Entry, Transfer
from ledger.posting import post
from ledger.snapshot import snapshot
from tests.ledger.books import BOTH, account, order, race

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


def tamper(statement: str) -> None:
    """As somebody who owns the tables and can switch every rule off."""
    with connections["default"].cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")
        try:
            cursor.execute(statement)
            assert cursor.rowcount
        finally:
            cursor.execute("SET session_replication_role = origin")


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
    assert found == TAMPERED[statement]
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
        cursor.execute("SELECT count(*) FROM ledger_transfer")
        (paid,) = race([lambda: len(post([order(history[0], history[1], 1)]))])
        assert paid == 1
        assert list(verify.faults(cursor)) == []
        cursor.execute("SELECT count(*) FROM ledger_transfer")
        assert cursor.fetchone()[0] == 23


# Checkpoints.


@pytest.fixture
def key(settings: Settings) -> str:
    encoded = urlsafe_b64encode(os.urandom(32)).decode()
    settings.CHECKPOINT_KEY = encoded
    return encoded


@pytest.fixture
def signed(key: str, tmp_path: Path) -> Path:
    path = tmp_path / "checkpoint"
    call_command("checkpoint", path, stdout=io.StringIO())
    return path


def verified(path: Path) -> str:
    out = io.StringIO()
    try:
        call_command("verify_ledger", checkpoint=path, stdout=out)
    except SystemExit:
        pass
    return out.getvalue()


REWRITE = """
WITH RECURSIVE body AS (
  SELECT e.*, t.fingerprint, row_number() OVER (PARTITION BY e.account_id ORDER BY seq) AS n
  FROM ledger_entry e JOIN ledger_transfer t ON t.id = e.transfer_id
), chain AS (
  SELECT id, account_id, n, sha256('\\x02'::bytea || decode(repeat('00', 32), 'hex') || fingerprint || int8send(account_id) || int8send(seq)
    || CASE side WHEN 'debit' THEN '\\x44'::bytea ELSE '\\x43'::bytea END || int8send(amount) || int8send(balance_after)
    || timestamptz_send(posted_at)) AS digest FROM body WHERE n = 1
  UNION ALL
  SELECT b.id, b.account_id, b.n, sha256('\\x02'::bytea || c.digest || b.fingerprint || int8send(b.account_id) || int8send(b.seq)
    || CASE b.side WHEN 'debit' THEN '\\x44'::bytea ELSE '\\x43'::bytea END || int8send(b.amount) || int8send(b.balance_after)
    || timestamptz_send(b.posted_at)) FROM body b JOIN chain c ON c.account_id = b.account_id AND b.n = c.n + 1
)
UPDATE ledger_entry e SET digest = chain.digest FROM chain WHERE chain.id = e.id;
UPDATE ledger_account a SET head = e.digest FROM ledger_entry e WHERE e.account_id = a.id AND e.seq = a.last_seq
"""


def test_a_whole_history_rewritten_consistently_is_found_by_the_checkpoint_only(signed: Path) -> None:
    assert "The books are right." in verified(signed)
    tamper("UPDATE ledger_transfer SET memo = 'never happened' WHERE amount = 7")
    tamper(REWRITE)
    assert faults() == set()  # consistent in itself
    report = verified(signed)
    transfer = Transfer.objects.get(amount=7)
    for account_id in (transfer.debit_account_id, transfer.credit_account_id):
        assert f"FAULT the history before the checkpoint was rewritten: account {account_id} up to seq" in report
    assert "WRONG" in report


def test_a_checkpoint_holds_while_the_books_go_on(signed: Path, history: list[Account]) -> None:
    account(5)
    post([order(history[0], history[1], 1)])
    assert "The books are right." in verified(signed)


def test_an_account_given_to_somebody_else_is_found(signed: Path, history: list[Account]) -> None:
    tamper(f"UPDATE ledger_account SET name = 'mine' WHERE id = {history[0].pk}")
    assert faults() == set()
    assert f"rewritten: account {history[0].pk}" in verified(signed)


@pytest.mark.parametrize("line", [0, -1])
def test_a_checkpoint_that_was_changed_is_refused(signed: Path, line: int) -> None:
    lines = signed.read_text().splitlines()
    lines[line] = lines[line].replace(lines[line][-3], "0" if lines[line][-3] != "0" else "1")
    signed.write_text("\n".join(lines) + "\n")
    with pytest.raises(CommandError):
        verified(signed)


def test_a_checkpoint_without_an_account_is_refused(signed: Path) -> None:
    signed.write_text("".join(signed.read_text().splitlines(keepends=True)[1:]))
    with pytest.raises(CommandError, match="do not add up"):
        verified(signed)


def test_a_checkpoint_signed_by_somebody_else_is_refused(signed: Path, settings: Settings) -> None:
    settings.CHECKPOINT_KEY = urlsafe_b64encode(os.urandom(32)).decode()
    with pytest.raises(CommandError, match="signature"):
        verified(signed)


def test_an_outsider_needs_the_public_key_only(signed: Path, settings: Settings) -> None:
    public_key = json.loads(signed.read_text().splitlines()[-1])["public_key"]
    settings.CHECKPOINT_KEY = ""
    out = io.StringIO()
    call_command("verify_ledger", checkpoint=signed, public_key=public_key, stdout=out)
    assert "right" in out.getvalue()
    with pytest.raises(CommandError, match="CHECKPOINT_KEY is not set"):
        verified(signed)


def test_a_merkle_root_is_that_of_rfc_6962_trees() -> None:
    """With an odd number of leaves, the last ones move up."""
    leaves = [bytes([n]) * 32 for n in range(7)]
    tree = MerkleRoot()
    for each in leaves:
        tree.add(each)
    a, b, c, d, e, f, g = leaves
    assert tree.digest() == node(node(node(a, b), node(c, d)), node(node(e, f), g))


def test_a_leaf_says_who_the_account_is() -> None:
    row = (1, 2, "123456789012", "liability", "EUR", None, "x", 100, bytes(32))
    others = [(9, *row[1:]), (*row[:2], "2", *row[3:]), (*row[:6], "y", *row[7:]), (*row[:7], 101, row[8])]
    assert len({leaf(row), *(leaf(other) for other in others)}) == 5
