"""A signed checkpoint finds what even consistent books hide, and cannot be made or changed unseen."""

import io
import json
import os
from base64 import urlsafe_b64encode
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command
from django.db import connections
from pytest_django import Settings

from ledger import checkpoint, verify
from ledger.checkpoint import MerkleRoot, leaf, node
from ledger.models import Account, Transfer
from ledger.posting import post
from ledger.snapshot import snapshot
from ledger.verify.ground import Unsound
from tests.ledger.books import BOTH, account, order
from tests.ledger.damage import REBUILD, no_rules, tamper

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


def test_a_whole_history_rewritten_consistently_is_found_by_the_checkpoint_only(signed: Path) -> None:
    assert "The books are right." in verified(signed)
    tamper("UPDATE ledger_transfer SET memo = 'never happened' WHERE amount = 7")
    tamper(REBUILD)
    assert faults() == {"a leaf is not the hash of its transfer"}  # the books are consistent in themselves
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


@pytest.mark.parametrize("id", [0, -1, -(2**63)])
def test_an_account_whose_id_is_below_1_is_in_it(key: str, tmp_path: Path, id: int, history: list[Account]) -> None:
    """Nobody may open one; whoever got past that is not to be left out of what is signed."""
    path = tmp_path / "checkpoint"
    with no_rules():
        tamper(f"UPDATE ledger_account SET id = {id} WHERE id = {history[0].pk}")
        with open(path, "w") as file, connections["default"].cursor() as cursor:
            statement = checkpoint.write(cursor, checkpoint.private_key(key), file)
    assert statement["accounts"] == 4
    assert path.read_text().startswith(f"{id} 0 ")  # the entries are still the old id's


@pytest.mark.parametrize("column", ["number", "kind", "currency", "name"])
def test_an_account_without_a_value_is_not_signed_and_named(signed: Path, column: str, history: list[Account]) -> None:
    with no_rules():
        tamper(f"UPDATE ledger_account SET {column} = NULL WHERE id = {history[0].pk}")
        with connections["default"].cursor() as cursor:
            key = checkpoint.private_key(settings.CHECKPOINT_KEY)
            with pytest.raises(Unsound, match=f"A value of account {history[0].pk} is missing"):
                checkpoint.write(cursor, key, io.StringIO())
            with signed.open() as file:
                (fault,) = checkpoint.verify(cursor, key.public_key(), file)
    assert fault.where == f"account {history[0].pk} up to seq 14"


@pytest.mark.parametrize("line", ["9223372036854775808 1 00", "1 9223372036854775808 00", "x 1 00", "1 1"])
def test_a_line_that_nobody_wrote_is_refused(signed: Path, line: str) -> None:
    signed.write_text(f"{line}\n{signed.read_text()}")
    with pytest.raises(CommandError, match="not a line of a checkpoint"):
        verified(signed)


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
