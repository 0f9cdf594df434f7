import re
from collections.abc import Iterator
from uuid import uuid4

import pytest
from django.apps.registry import Apps
from django.core.management import call_command
from django.db import IntegrityError, connections, transaction
from django.db.migrations.executor import MigrationExecutor

from ledger import numbers, verify
from ledger.lanes import LANES
from ledger.models import Account
from ledger.posting import Order, post, reverse
from ledger.snapshot import snapshot
from ledger.sql import function, read
from tests.ledger.books import BOTH, account, order

pytestmark = pytest.mark.django_db(transaction=True, databases=BOTH)

OURS = """
SELECT 'trigger', tgname, '' FROM pg_trigger WHERE NOT tgisinternal AND tgrelid::regclass::text LIKE 'ledger%%'
UNION ALL SELECT 'function', proname, coalesce(proconfig::text, '') || coalesce(md5(prosrc), '') FROM pg_proc WHERE proname LIKE 'ledger%%'
UNION ALL SELECT 'rule', conname, conrelid::regclass::text FROM pg_constraint WHERE contype = 'c' AND conrelid::regclass::text LIKE 'ledger%%'
UNION ALL SELECT 'table', relname, '' FROM pg_class WHERE relname LIKE 'ledger_%%' AND relkind = 'r'
ORDER BY 1, 2, 3"""
FIRST_VERSION = [("ledger", "0003_lanes"), ("payments", "0003_approval"), ("accounts", "0003_guard_tried_at")]


def ours() -> list[tuple[str, str, str]]:
    with connections["default"].cursor() as cursor:
        cursor.execute(OURS, [])
        return cursor.fetchall()  # type: ignore[no-any-return]


def migrate(*targets: tuple[str, str]) -> Apps:
    executor = MigrationExecutor(connections["default"])
    return executor.migrate(targets or executor.loader.graph.leaf_nodes()).apps  # type: ignore[no-any-return]


@pytest.fixture
def first_version() -> Iterator[Apps]:
    """The database as the first version left it; whatever happens, today's is back afterwards."""
    try:
        yield migrate(*FIRST_VERSION)
    finally:
        call_command("flush", interactive=False, verbosity=0, inhibit_post_migrate=True)
        migrate(*FIRST_VERSION)  # once more, without the rows that some rule may have been left unproven for
        call_command("migrate", verbosity=0)


def test_the_rules_and_lanes_go_and_come_back() -> None:
    with connections["default"].cursor() as cursor, transaction.atomic():
        migrate(*FIRST_VERSION)
        cursor.execute(read("0003_lanes_reverse"))
        cursor.execute(read("0002_rules_reverse"))
        assert [name for kind, name, _ in ours() if kind == "function"] == ["ledger_fingerprint"]
        assert [name for kind, name, _ in ours() if kind == "trigger"] == []
        cursor.execute(read("0002_rules"))
        cursor.execute(read("0003_lanes"))
        transaction.set_rollback(True)


def test_what_came_after_the_first_version_goes_and_comes_back() -> None:
    today = ours()
    first = "".join(read(name) for name in ("0001_fingerprint", "0002_rules"))
    try:
        migrate(*FIRST_VERSION)
        before = ours()
        assert len(before) < len(today)
        assert all(
            f"CREATE FUNCTION {name}(" in first or name == "ledger_chain"
            for kind, name, _ in before
            if kind == "function"
        )
        with connections["default"].cursor() as cursor:
            cursor.execute("SELECT prosrc FROM pg_proc WHERE proname = 'ledger_post'")
            assert cursor.fetchone()[0] in function("0002_rules", "ledger_post")
    finally:
        call_command("migrate", verbosity=0)
    assert ours() == today


def open_account(apps: Apps, **values: object) -> Account:
    """As the first version did; the row for today's code."""
    row = apps.get_model("ledger", "Account").objects.create(number=numbers.new(), currency="EUR", **values)
    return Account.objects.get(pk=row.pk)


def test_a_database_of_the_first_version_is_upgraded_with_all_its_data(first_version: Apps) -> None:
    users = first_version.get_model("accounts", "User").objects
    alice, bob = (
        users.create(email=f"{name}@example.com", full_name=name.title(), handle=name, handle_skeleton=name)
        for name in ("alice", "bobby")
    )
    hers, his = (
        open_account(first_version, owner_id=who.pk, name="", kind="liability", floor=0) for who in (alice, bob)
    )
    cash = open_account(first_version, name="cash", kind="asset", floor=None)
    odd = open_account(first_version, name="an operator's", kind="income", floor=-5)
    post([order(cash, hers, 1000)])
    (paid,) = post([order(hers, his, 300, initiated_by=alice)])
    reverse(paid, id=uuid4())
    Account.objects.filter(pk=odd.pk).update(status="frozen")
    heads = list(Account.objects.order_by("pk").values_list("pk", "balance", "head", "status", "floor"))

    call_command("migrate", verbosity=0)

    assert list(Account.objects.order_by("pk").values_list("pk", "balance", "head", "status", "floor")) == heads
    assert Account.objects.for_owner(alice) == hers
    assert Account.objects.system("cash") == cash
    post([order(hers, his, 1)])
    with snapshot() as cursor:
        assert list(verify.faults(cursor)) == []
        cursor.execute("SELECT conname FROM pg_constraint WHERE contype = 'c' AND NOT convalidated")
        assert cursor.fetchall() == []


def test_a_row_that_no_rule_refused_does_not_stop_the_upgrade(first_version: Apps) -> None:
    one, other = (open_account(first_version, name=name, kind="asset", floor=None) for name in ("one", "other"))
    with transaction.atomic(using="serializable"), connections["serializable"].cursor() as cursor:
        cursor.execute(
            "INSERT INTO ledger_transfer (id, debit_account_id, credit_account_id, amount, currency, kind, memo, posted_at)"
            " VALUES (gen_random_uuid(), %s, %s, 5, 'EUR', '', '', '4000-01-01 BC')",
            [one.pk, other.pk],
        )
    call_command("migrate", verbosity=0)
    with connections["default"].cursor() as cursor:
        cursor.execute("SELECT conname FROM pg_constraint WHERE contype = 'c' AND NOT convalidated ORDER BY 1")
        broken = [name for (name,) in cursor.fetchall()]
    assert broken == [
        "account_times_are_sane",
        "entry_time_is_sane",
        "transfer_kind_is_a_word",
        "transfer_time_is_sane",
    ]
    with pytest.raises(IntegrityError, match="transfer_kind_is_a_word"):
        post([Order(id=uuid4(), debit=account(floor=None), credit=account(), amount=1, kind="")])


def test_there_are_as_many_lanes_as_the_queue_thinks() -> None:
    lanes = re.findall(r"^CREATE TABLE ledger_lane_(\d+) \(\);$", read("0003_lanes"), re.MULTILINE)
    assert lanes == [str(lane) for lane in range(LANES)]
