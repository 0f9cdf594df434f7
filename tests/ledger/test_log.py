"""The log over transfers: each of them once, however they commit; and what the database refuses."""

import os
import random
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import psycopg
import pytest
from django.db import DatabaseError, IntegrityError, connections, transaction
from pytest_django import DjangoAssertNumQueries, Settings

from ledger import verify
from ledger.log import following, proofs, signing, tree
from ledger.log.following import Follower
from ledger.log.models import LogCheckpoint, LogLeaf, LogNode
from ledger.models import Account, Transfer
from ledger.posting import LOCK, WRITE, Order, encode, post
from ledger.snapshot import snapshot
from tests.ledger.books import BOTH, account, between, order, race
from tests.ledger.damage import no_rules, row_faults, tamper
from verify_receipt import Checkpoint, Key, is_consistent, root_from

pytestmark = pytest.mark.django_db(transaction=True, databases=BOTH)
KEY = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="


@pytest.fixture
def accounts() -> list[Account]:
    return [account(1_000_000) for _ in range(3)]


@pytest.fixture
def key(settings: Settings) -> str:
    settings.CHECKPOINT_KEY = KEY
    return KEY


def pay(accounts: list[Account], count: int) -> list[UUID]:
    return [each.id for each in post([between(accounts, 1) for _ in range(count)])]


def follow(follower: Follower | None = None) -> int:
    follower, done = follower or Follower(), 0
    while appended := follower.follow():
        done += appended
    return done


def logged() -> list[UUID]:
    return list(LogLeaf.objects.order_by("index").values_list("transfer_id", flat=True))


def assert_whole() -> None:
    """Each transfer once, and nothing wrong with it."""
    assert sorted(logged()) == sorted(Transfer.objects.values_list("id", flat=True))
    with snapshot() as cursor:
        assert [str(fault) for fault in verify.faults(cursor)] == []


def test_each_transfer_is_in_it_once_in_order_of_time(accounts: list[Account]) -> None:
    follower = Follower()
    for _ in range(3):
        pay(accounts, 100)
        assert follow(follower) > 0
        assert follow(follower) == 0
    by_time = Transfer.objects.order_by("posted_at", "id").values_list("id", flat=True)
    assert logged() == list(by_time)
    assert list(LogNode.objects.values_list("level", "index")) == [(1, 0)]
    assert_whole()


class Writer:
    """A payment that is posted and not committed yet, on a connection of its own."""

    def __init__(self, accounts: list[Account]) -> None:
        self.connection = psycopg.connect(
            os.environ["OWNER_DATABASE_URL"], dbname=connections["default"].settings_dict["NAME"]
        )
        self.connection.isolation_level = psycopg.IsolationLevel.SERIALIZABLE
        debit, credit = accounts
        asked = order(debit, credit, 1)
        rows = self.connection.execute(LOCK, [f"{{{debit.pk},{credit.pk}}}"]).fetchall()
        row = asked.values() | {"attempts": 1, "waited_ms": 0, "posted_at": max(each[6] for each in rows)}
        self.connection.execute(WRITE, [encode([row])])
        self.id = asked.id

    def commit(self) -> None:
        self.connection.commit()
        self.connection.close()


def test_transactions_that_commit_in_reverse_order_are_found(accounts: list[Account]) -> None:
    follower = Follower()
    follow(follower)
    known = len(logged())
    writers = [Writer([account(100), account()]) for _ in range(4)]
    follow(follower)
    for writer in reversed(writers):
        writer.commit()
        follower.look()
    assert logged()[-4:] == [writer.id for writer in reversed(writers)]
    assert len(logged()) == known + 4 + 4  # with what the four accounts were given
    assert_whole()


def test_one_that_takes_longer_than_anybody_looks_back_is_found_by_the_sweep(
    accounts: list[Account], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(following, "OVERLAP", timedelta(0))
    monkeypatch.setattr(following, "SLICE", 3)
    writer, follower = Writer([account(100), account()]), Follower()
    follow(follower)
    pay(accounts, 5)
    follow(follower)
    assert follower.look() == 0
    writer.commit()
    pay(accounts, 1)
    assert follower.look() == 1
    assert writer.id not in logged()
    for _ in range(Transfer.objects.count() // 3 + 2):
        follower.sweep()
    assert logged()[-1] == writer.id
    assert_whole()


def test_history_that_is_posted_into_the_past_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(following, "SLICE", 2)
    old, new = account(), account()
    follower, cash = Follower(), Account.objects.system("cash")
    follow(follower)
    (transfer,) = post(
        [Order(id=uuid4(), debit=cash, credit=old, amount=5, kind="deposit")], at=datetime(2020, 1, 1, tzinfo=UTC)
    )
    pay_new = post([Order(id=uuid4(), debit=cash, credit=new, amount=5, kind="deposit")])
    follower.is_new = True  # as after a restart
    follower.look(), follower.sweep(), follower.sweep(), follower.sweep()
    assert sorted(logged()) == sorted([transfer.id, pay_new[0].id])


def test_a_restarted_worker_goes_on_where_the_log_ends(accounts: list[Account]) -> None:
    pay(accounts, 20)
    follow()
    pay(accounts, 20)
    follower = Follower()
    follower.swept_at = time.monotonic() + 1000  # by the quick look alone
    assert follow(follower) == 20
    assert follower.looked_to
    assert_whole()


def test_batches_smaller_than_one_moment(accounts: list[Account], monkeypatch: pytest.MonkeyPatch) -> None:
    """A hundred transfers of one time, ten at a time."""
    monkeypatch.setattr(following, "BATCH", 10)
    pay(accounts, 100)
    follower = Follower()
    follower.swept_at = time.monotonic() + 1000
    follow(follower)
    assert_whole()


def test_two_workers_at_once_share_it_without_a_gap(accounts: list[Account], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(following, "BATCH", 7)
    done = threading.Event()

    def work() -> int:
        follower, found = Follower(), 0
        while not done.is_set() or follower.look():
            found += follower.follow()
        return found

    def write() -> int:
        try:
            return sum(len(pay(accounts, 5)) for _ in range(60))
        finally:
            done.set()

    results = race([work, work, write])
    assert all(isinstance(each, int) for each in results), results
    follow()
    assert_whole()


WORKER = """
import django; django.setup()
from django.db import connections
connections["default"].settings_dict["NAME"] = {name!r}
from ledger.log import following, signing
following.BATCH, following.SLICE, following.SLICE_SECONDS = 5, 20, 0
signing.PAUSE *= 0
print("ready", flush=True)
while True:
    following.run(), signing.run()
"""


def worker() -> subprocess.Popen[str]:
    program = WORKER.format(name=connections["default"].settings_dict["NAME"])
    environment = {**os.environ, "CHECKPOINT_KEY": KEY, "BCRYPT_ROUNDS": "10"}
    process = subprocess.Popen([sys.executable, "-c", program], env=environment, stdout=subprocess.PIPE, text=True)
    assert process.stdout
    assert process.stdout.readline() == "ready\n"
    return process


def test_workers_that_are_killed_leave_it_whole(accounts: list[Account], key: str) -> None:
    workers = [worker(), worker()]
    for round in range(6):
        pay(accounts, 40)
        grown = proofs.size() + random.randrange(30)
        deadline = time.monotonic() + 30
        while proofs.size() < min(grown, Transfer.objects.count()) and time.monotonic() < deadline:
            pass
        workers[round % 2].send_signal(signal.SIGKILL)
        workers[round % 2].wait(30)
        workers[round % 2] = worker()
    for each in workers:
        each.kill()
        each.wait(30)
    follow()
    assert LogCheckpoint.objects.count() > 1
    assert_whole()


# What the database refuses

REFUSED = {
    "UPDATE ledger_log_leaf SET salt = salt": "log_leaves_are_append_only",
    "DELETE FROM ledger_log_leaf": "log_leaves_are_append_only",
    "TRUNCATE ledger_log_leaf": "log_leaves_are_never_truncated",
    "INSERT INTO ledger_log_leaf (index, transfer_id, salt, hash) SELECT index + 1000, gen_random_uuid(), salt, hash FROM ledger_log_leaf LIMIT 1": (
        "log_leaf_is_written_by_the_log"
    ),
    "SET LOCAL ledger.logging = 'on'; INSERT INTO ledger_log_leaf (index, transfer_id, salt, hash)"
    " SELECT (SELECT max(index) + 2 FROM ledger_log_leaf), gen_random_uuid(), salt, hash FROM ledger_log_leaf LIMIT 1": (
        "log_has_no_gap"
    ),
    "SET LOCAL ledger.logging = 'on'; INSERT INTO ledger_log_leaf (index, transfer_id, salt, hash)"
    " SELECT -1, gen_random_uuid(), salt, hash FROM ledger_log_leaf LIMIT 1": "log_leaf_index_is_not_negative",
    "SET LOCAL ledger.logging = 'on'; INSERT INTO ledger_log_leaf (index, transfer_id, salt, hash)"
    " SELECT max(index) + n, gen_random_uuid(), '', '' FROM ledger_log_leaf, unnest(ARRAY[1, 3]) n GROUP BY n": (
        "log_has_no_gap"
    ),
    "UPDATE ledger_log_node SET hash = hash": "log_nodes_are_append_only",
    "TRUNCATE ledger_log_node": "log_nodes_are_never_truncated",
    "INSERT INTO ledger_log_node (level, index, hash) VALUES (1, 9, '')": "log_node_is_written_by_its_leaves",
    "UPDATE ledger_log_checkpoint SET note = note": "log_checkpoints_are_append_only",
    "DELETE FROM ledger_log_checkpoint": "log_checkpoints_are_append_only",
    "TRUNCATE ledger_log_checkpoint CASCADE": "log_checkpoints_are_never_truncated",
    "INSERT INTO ledger_log_checkpoint (size, root, note, verifier) SELECT size - 1, root, note, verifier"
    " FROM ledger_log_checkpoint": "log_checkpoint_grows",
    "INSERT INTO ledger_log_checkpoint (size, root, note, verifier) SELECT size + 1, root, note, verifier"
    " FROM ledger_log_checkpoint": "log_checkpoint_grows",
    "INSERT INTO ledger_log_checkpoint (size, root, note, verifier) SELECT 0, root, note, verifier"
    " FROM ledger_log_checkpoint": "log_checkpoint_is_of_something",
    "INSERT INTO ledger_log_cosignature (checkpoint_id, line) SELECT size, 'anything' FROM ledger_log_checkpoint": (
        "log_cosignature_is_a_line"
    ),
    "DELETE FROM ledger_log_cosignature": "log_cosignatures_are_append_only",
    "TRUNCATE ledger_log_cosignature": "log_cosignatures_are_never_truncated",
    "CREATE TABLE mine (index bigint, hash bytea); CREATE TRIGGER grows AFTER INSERT ON mine"
    " REFERENCING NEW TABLE AS added EXECUTE FUNCTION ledger_log_grow(); INSERT INTO mine VALUES (0, '')": "grows",
}


@pytest.mark.parametrize("statement", REFUSED)
def test_the_database_refuses(statement: str, accounts: list[Account], key: str) -> None:
    follow()
    signing.run()
    with pytest.raises(DatabaseError) as refused, transaction.atomic():
        with connections["default"].cursor() as cursor:
            cursor.execute(statement)
    assert refused.value.__cause__.diag.constraint_name == REFUSED[statement]  # type: ignore[union-attr]


def test_it_is_appended_to_as_it_is(accounts: list[Account]) -> None:
    """With an older snapshot it would begin where it ended then."""
    for level in ("SERIALIZABLE", "REPEATABLE READ"):
        with transaction.atomic(), connections["default"].cursor() as cursor:
            cursor.execute(f"SET TRANSACTION ISOLATION LEVEL {level}")
            with pytest.raises(IntegrityError, match="read committed"):
                cursor.execute("SELECT ledger_log_append('{}')")
            transaction.set_rollback(True)


def test_what_is_no_transfer_is_not_appended(accounts: list[Account]) -> None:
    follow()
    assert following.append([uuid4(), *logged()]) == 0


SITE_CANNOT = [
    "INSERT INTO ledger_log_leaf (index, transfer_id, salt, hash) SELECT index + 1, transfer_id, salt, hash FROM ledger_log_leaf",
    "INSERT INTO ledger_log_node (level, index, hash) VALUES (1, 9, '')",
    "INSERT INTO ledger_log_checkpoint (size, root, note, verifier, signed_at) VALUES (1, '', '', '', now())",
    "INSERT INTO ledger_log_cosignature (checkpoint_id, line) VALUES (1, '')",
    "UPDATE ledger_log_checkpoint SET note = ''",
    "DELETE FROM ledger_log_leaf",
    "SELECT FROM ledger_log_turn",
    "SELECT ledger_log_root('{}')",
]


def test_the_site_can_do_nothing_else(site: str) -> None:
    with connections["default"].cursor() as cursor:
        for statement in SITE_CANNOT:
            with pytest.raises(DatabaseError, match="permission denied"):
                cursor.execute(statement)


def test_the_site_follows_and_signs(accounts: list[Account], site: str, key: str) -> None:
    assert follow() == 3
    assert signing.run() == 1
    assert [each.size for each in LogCheckpoint.objects.all()] == [3]


# What is signed


def test_the_worker_signs_at_most_once_a_minute_and_only_what_is_new(
    accounts: list[Account], key: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert signing.run() == 0  # nothing to sign
    follow()
    assert signing.run() == 1
    assert signing.run() == 0
    pay(accounts, 1)
    follow()
    assert signing.run() == 0
    monkeypatch.setattr(signing, "PAUSE", timedelta(0))
    assert signing.run() == 1
    latest = proofs.latest()
    assert latest
    assert Key.read(latest.verifier).open(latest.note, "note") == ("testserver/log", 4, bytes(latest.root))
    assert bytes(latest.root) == tree.root([bytes(each.hash) for each in LogLeaf.objects.order_by("index")])


def test_without_a_key_nothing_is_signed(accounts: list[Account], settings: Settings) -> None:
    settings.CHECKPOINT_KEY = ""
    follow()
    assert signing.run() == 0


def test_two_that_sign_at_once_sign_one_log(accounts: list[Account], key: str) -> None:
    follow()
    results = race([signing.run, signing.run, signing.run])
    assert all(isinstance(each, int) for each in results), results
    assert LogCheckpoint.objects.count() == 1


# What is proven


@pytest.mark.parametrize("count", [1, 255, 256, 257, 700])
def test_every_leaf_of_what_is_stored_is_proven(
    count: int, accounts: list[Account], key: str, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    pay(accounts, count - 3 if count > 3 else 0) if count > 3 else None
    follow()
    signing.run()
    size = proofs.size()
    root = proofs.root(size)
    for index in {0, 1, 2, size // 2, size - 1, min(255, size - 1), min(256, size - 1)}:
        leaf = LogLeaf.objects.get(index=index)
        with django_assert_max_num_queries(2):
            proof = proofs.of(leaf)
        assert proof
        assert root_from(bytes(leaf.hash), index, size, proof.path) == root
    for old in {1, 2, size // 2 or 1, size, min(256, size)}:
        with django_assert_max_num_queries(1):
            path = proofs.consistency(old, size)
        assert is_consistent(Checkpoint("", old, proofs.root(old)), Checkpoint("", size, root), path)


def test_a_proof_takes_what_is_stored_around_it_and_no_more(monkeypatch: pytest.MonkeyPatch) -> None:
    """In a tree of three levels of nodes: as if 2,000 leaves stood for 200,000, four to a node."""
    monkeypatch.setattr(proofs, "FANOUT", 4)
    leaves = [tree.leaf_hash(str(n).encode()) for n in range(2000)]
    levels = [leaves]
    while len(levels[-1]) >= 4:
        below = levels[-1]
        levels.append([tree.root(below[at : at + 4]) for at in range(0, len(below) // 4 * 4, 4)])

    def around(index: int, size: int) -> proofs.Hashes:
        ranges = proofs.needed(index, size)
        assert sum(high - low for _, low, high in ranges) <= 2 * 4 * (proofs.LEVELS + 1)
        return proofs.Hashes({(l, at): levels[l][at] for l, low, high in ranges for at in range(low, high)})  # noqa: E741

    for size in [*range(1, 90), 255, 256, 257, 1023, 1024, 1025, 1999, 2000]:
        root = around(size, size).subtree(0, size)
        assert root == tree.root(leaves[:size])
        for index in {0, size // 3, size // 2, size - 1}:
            path = tree.inclusion(index, size, around(index, size).subtree)
            assert root_from(leaves[index], index, size, path) == root
            old = index + 1
            path = tree.consistency(old, size, around(old - 1, size).subtree)
            assert is_consistent(Checkpoint("", old, tree.root(leaves[:old])), Checkpoint("", size, root), path)


# What verify_ledger finds

FOUND: dict[str, set[str]] = {
    "UPDATE ledger_log_leaf SET salt = decode(repeat('ab', 16), 'hex') WHERE index = 1": {
        "a leaf is not the hash of its transfer"
    },
    "UPDATE ledger_log_leaf SET hash = sha256('x') WHERE index = 1": {
        "a leaf is not the hash of its transfer", "a node of the log is not over its leaves", "a checkpoint of the log has another root",
    },
    "DELETE FROM ledger_log_leaf WHERE index = (SELECT max(index) FROM ledger_log_leaf)": {
        "a checkpoint of the log has another root"
    },
    "UPDATE ledger_log_leaf SET index = index + 1 WHERE index = (SELECT max(index) FROM ledger_log_leaf)": {
        "the log has a gap or a repeat"
    },
    "UPDATE ledger_log_leaf SET transfer_id = gen_random_uuid() WHERE index = 1": {"a leaf has no transfer"},
    "UPDATE ledger_log_leaf SET transfer_id = (SELECT transfer_id FROM ledger_log_leaf WHERE index = 2) WHERE index = 1": {
        "a leaf is not the hash of its transfer", "a transfer is in the log twice",
    },
    "UPDATE ledger_log_node SET hash = sha256('x')": {"a node of the log is not over its leaves"},
    "DELETE FROM ledger_log_node": {"a node of the log is missing or too many"},
    "UPDATE ledger_log_checkpoint SET root = sha256('x')": {"a checkpoint of the log has another root"},
    "UPDATE ledger_log_checkpoint SET note = replace(note, '— ', '— x')": {
        "a checkpoint of the log is not as the bank signed it"
    },
    "UPDATE ledger_log_checkpoint SET verifier = 'nobody'": {"a checkpoint of the log is not as the bank signed it"},
    "UPDATE ledger_log_cosignature SET checkpoint_id = 1": {"a cosignature is under no checkpoint"},
}  # fmt: skip


@pytest.fixture
def full(accounts: list[Account], key: str) -> Iterator[None]:
    pay(accounts, 260)
    follow()
    signing.run()
    latest = proofs.latest()
    assert latest
    latest.cosignatures.create(line="— witness.example.com/w1 AAAA")
    with no_rules():
        yield


@pytest.mark.parametrize("statement", FOUND)
def test_what_is_wrong_with_it_is_found(statement: str, full: None) -> None:
    assert row_faults() == {}
    tamper(statement)
    assert set(row_faults()) == FOUND[statement]


def test_one_signed_by_another_key_is_found(full: None, settings: Settings) -> None:
    settings.CHECKPOINT_KEY = KEY[::-1].replace("=", "") + "="
    assert set(row_faults()) == {"a checkpoint of the log is not as the bank signed it"}


def test_what_the_worker_has_not_seen_yet_is_no_fault(accounts: list[Account]) -> None:
    pay(accounts, 2)
    with snapshot() as cursor:
        assert list(verify.faults(cursor)) == []
