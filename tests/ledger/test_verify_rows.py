"""Every rule is proven over the rows too: with all of them dropped and one wrong row written, that row is named.

The rest of the books is made consistent again, digests included, so that the rule asked for is what finds it.
"""

from collections.abc import Iterator

import pytest
from django.db import connections

from accounts.models import User
from ledger.models import Account, AccountChange, Entry, HotAccount, Transfer
from ledger.posting import post
from tests.ledger.books import BOTH, account, order, user
from tests.ledger.damage import REBUILD, no_rules, row_faults, tamper

pytestmark = pytest.mark.django_db(transaction=True, databases=BOTH)

ZERO = "'00000000-0000-0000-0000-000000000000'"
SOMEBODY_ELSE = "'11111111-1111-4111-8111-111111111111'"


@pytest.fixture(autouse=True)
def books() -> Iterator[None]:
    """Alice's wallet and two accounts, some payments among them, the last one of 7; no rule stands any more."""
    alice = Account.objects.for_owner(user("alice"))
    others = [account(1000, name=name) for name in ("one", "two")]
    for amount in (5, 6):
        post([order(others[0], alice, amount), order(others[1], others[0], amount)])
    post([order(alice, others[0], 7)])
    HotAccount.objects.create(account=others[0], wasted_attempts=1, queued_until="2026-01-01T00:00:00Z")
    with connections["default"].cursor() as cursor:
        cursor.execute("UPDATE ledger_account SET floor = -1 WHERE name = 'one'")
        cursor.execute("UPDATE ledger_account SET floor = -2 WHERE name = 'one'")
    with no_rules():
        yield


def test_without_rules_right_books_are_right() -> None:
    assert row_faults() == {}


def transfer(**values: str) -> str:
    """One more transfer of 3 from account one to two, with its entries; `values` are SQL."""
    columns = {
        "id": "'22222222-2222-4222-8222-222222222222'::uuid", "debit_account_id": "(SELECT id FROM ledger_account WHERE name = 'one')",
        "credit_account_id": "(SELECT id FROM ledger_account WHERE name = 'two')", "amount": "3", "currency": "'EUR'", "kind": "'payment'",
        "memo": "''", "attempts": "1", "waited_ms": "0", "posted_at": "now()",
    } | values  # fmt: skip
    return f"""
        WITH t AS (INSERT INTO ledger_transfer ({", ".join(columns)}) VALUES ({", ".join(columns.values())}) RETURNING *)
        INSERT INTO ledger_entry (id, account_id, seq, transfer_id, side, amount, balance_after, posted_at, digest)
        SELECT (SELECT max(id) FROM ledger_entry) + n, a.id,
          a.last_seq + CASE WHEN debit_account_id = credit_account_id THEN n ELSE 1 END, t.id, side, amount, 0, posted_at, ''
        FROM t, (VALUES (1, 'debit'), (2, 'credit')) s(n, side), ledger_account a
        WHERE a.id = CASE side WHEN 'debit' THEN debit_account_id ELSE credit_account_id END;
        {REBUILD}"""


def opened(**values: str) -> str:
    columns = {
        "id": "1000", "number": "'000000000001'", "name": "'new'", "kind": "'asset'", "currency": "'EUR'", "balance": "0",
        "last_seq": "0", "head": "decode(repeat('00', 32), 'hex')", "status": "'open'", "opened_at": "now()",
    } | values  # fmt: skip
    return f"INSERT INTO ledger_account ({', '.join(columns)}) VALUES ({', '.join(columns.values())})"


def again(table: str, where: str, **values: str) -> str:
    """A copy of a row, some of its columns changed."""
    return f"""
        CREATE TEMP TABLE copied ON COMMIT DROP AS SELECT * FROM {table} WHERE {where};
        UPDATE copied SET {", ".join(f"{column} = {value}" for column, value in values.items())};
        INSERT INTO {table} SELECT * FROM copied"""


ALICE = "(SELECT id FROM ledger_account WHERE owner_id IS NOT NULL)"
OWNED = {"owner_id": "(SELECT id FROM accounts_user)", "kind": "'liability'", "name": "''"}
OF_7 = "(SELECT id FROM ledger_transfer WHERE amount = 7 AND reverses_id IS NULL)"
REVERSAL_OF_7 = {
    "id": "'33333333-3333-4333-8333-333333333333'::uuid", "debit_account_id": "(SELECT id FROM ledger_account WHERE name = 'one')",
    "credit_account_id": ALICE, "amount": "7", "reverses_id": OF_7,
}  # fmt: skip
PAST, AHEAD = "an entry is dated before the one before", "a transfer was posted at no possible time"
AMOUNTS = {"a transfer's amount is not positive", "an entry's amount is not positive"}
EXACTLY: dict[str, tuple[str, set[str]]] = {
    "a right transfer": (transfer(), set()),
    "a right reversal": (transfer(**REVERSAL_OF_7), set()),
    "a right account": (opened(), set()),
    "nothing moved": (transfer(amount="0"), AMOUNTS),
    "a negative amount": (transfer(amount="-3"), AMOUNTS),
    "paid to oneself": (
        transfer(credit_account_id="(SELECT id FROM ledger_account WHERE name = 'one')"),
        {"a transfer is to oneself"},
    ),
    "2099": (transfer(posted_at="'2099-01-01 00:00:00Z'"), {AHEAD}),
    "five minutes ahead": (transfer(posted_at="now() + interval '5 minutes'"), {AHEAD}),
    "infinity": (transfer(posted_at="'infinity'"), {AHEAD}),
    "-infinity": (transfer(posted_at="'-infinity'"), {AHEAD, PAST}),
    "4000 BC": (transfer(posted_at="'4000-01-01 00:00:00Z BC'"), {AHEAD, PAST}),
    "an id of zeros": (transfer(id=ZERO), {"an id is all zeros"}),
    "a batch of zeros": (transfer(batch=ZERO), {"an id is all zeros"}),
    "initiated by zeros": (
        transfer(initiated_by_id=ZERO),
        {"an id is all zeros", "a transfer was initiated by nobody"},
    ),
    "initiated by nobody": (transfer(initiated_by_id=SOMEBODY_ELSE), {"a transfer was initiated by nobody"}),
    "reverses zeros": (transfer(reverses_id=ZERO), {"an id is all zeros", "a reversal does not mirror its transfer"}),
    "another currency": (transfer(currency="'USD'"), {"an entry is not a leg of its transfer"}),
    "a kind that is no word": (transfer(kind="''"), {"a transfer's kind is no word"}),
    "a kind of two lines": (transfer(kind="E'payment\\n'"), {"a transfer's kind is no word"}),
    "fewer than no attempts": (transfer(attempts="-1"), {"a transfer took less than no attempts or time"}),
    "less than no time": (transfer(waited_ms="-1"), {"a transfer took less than no attempts or time"}),
    "a reversal of more": (transfer(**REVERSAL_OF_7 | {"amount": "8"}), {"a reversal does not mirror its transfer"}),
    "a reversal dated before its transfer": (
        transfer(**REVERSAL_OF_7) + "; UPDATE ledger_transfer SET posted_at = now() - interval '5 s' WHERE amount = 7;"
        " UPDATE ledger_transfer SET posted_at = now() - interval '9 s' WHERE reverses_id IS NOT NULL;"
        " UPDATE ledger_entry e SET posted_at = t.posted_at FROM ledger_transfer t WHERE t.id = e.transfer_id;" + REBUILD,
        {"a reversal comes before its transfer", PAST},
    ),
    "a reversal written before its transfer, at one moment": (
        transfer() + "; UPDATE ledger_transfer SET reverses_id = '33333333-3333-4333-8333-333333333333' WHERE amount = 3;"
        + transfer(**REVERSAL_OF_7 | {"debit_account_id": "(SELECT id FROM ledger_account WHERE name = 'two')",
            "credit_account_id": "(SELECT id FROM ledger_account WHERE name = 'one')", "amount": "3", "reverses_id": "NULL"}),
        {"a reversal comes before its transfer"},
    ),
    "two that reverse each other": (
        transfer(**REVERSAL_OF_7) + "; UPDATE ledger_transfer SET reverses_id = '33333333-3333-4333-8333-333333333333'"
        " WHERE amount = 7 AND reverses_id IS NULL;" + REBUILD,
        {"a reversal comes before its transfer"},
    ),
    "two reversals of one": (
        transfer(**REVERSAL_OF_7) + ";" + transfer(**REVERSAL_OF_7 | {"id": SOMEBODY_ELSE + "::uuid"}),
        {"a transfer is reversed more than once"},
    ),
    "no entries": (
        f"INSERT INTO ledger_transfer SELECT {SOMEBODY_ELSE}",
        {"a transfer does not have its two entries", "a transfer has no account", "a value is missing"},
    ),
    "account 0": (opened(id="0"), {"an account's id is below 1"}),
    "account -5": (opened(id="-5"), {"an account's id is below 1"}),
    "wrong check digits": (opened(number="'000000000002'"), {"an account's number is not twelve digits that check"}),
    "a short number": (opened(number="'97'"), {"an account's number is not twelve digits that check"}),
    "a number of letters": (opened(number="'00000000000x'"), {"an account's number is not twelve digits that check"}),
    "a number twice": (
        opened(number="(SELECT number FROM ledger_account WHERE name = 'one')"),
        {"two accounts have one number"},
    ),
    "a kind of one's own": (opened(kind="'gold'"), {"an account's kind is not known"}),
    "a status of one's own": (opened(status="'vip'"), {"an account's status is not known"}),
    "no currency's code": (opened(currency="'eur'"), {"an account's currency is no code"}),
    "opened in 2099": (opened(opened_at="'2099-01-01'"), {"an account was opened at no possible time"}),
    "opened for ever": (opened(opened_at="'infinity'"), {"an account was opened at no possible time"}),
    "opened in 4000 BC": (opened(opened_at="'4000-01-01 BC'"), {"an account was opened at no possible time"}),
    "a wallet that is an asset": (
        opened(**OWNED | {"kind": "'asset'", "currency": "'USD'"}),
        {"a customer's wallet is not a liability"},
    ),
    "a wallet with a name": (
        opened(**OWNED | {"name": "'mine'", "currency": "'USD'"}),
        {"an account has not either an owner or a name"},
    ),
    "an account of nobody without a name": (opened(name="''"), {"an account has not either an owner or a name"}),
    "a second wallet": (opened(**OWNED), {"a customer has two wallets of one currency"}),
    "a wallet of nobody": (opened(**OWNED | {"owner_id": SOMEBODY_ELSE}), {"a wallet's owner is nobody"}),
    "a wallet of zeros": (opened(**OWNED | {"owner_id": ZERO}), {"an id is all zeros", "a wallet's owner is nobody"}),
    "a second account of a name": (opened(name="'one'"), {"two system accounts have one name"}),
    "a closed account with money": (
        "UPDATE ledger_account SET status = 'closed' WHERE name = 'one'",
        {"a closed account has money on it"},
    ),
    "below its floor": ("UPDATE ledger_account SET floor = 9999 WHERE name = 'two'", {"an account is below its floor"}),
    "an account that counts more": (
        "UPDATE ledger_account SET last_seq = 99 WHERE name = 'one'",
        {"an account's balance is not its last entry's", "there are other entries than the accounts count"},
    ),
    "an account twice": (
        again("ledger_account", "id = 1000", name="'other'", number="'000000000098'").replace("CREATE", opened() + "; CREATE", 1),
        {"two accounts have one id"},
    ),
    "a hot account that is none": ("UPDATE ledger_hot_account SET account_id = 9999", {"a hot account is no account"}),
    "an account hot twice": (again("ledger_hot_account", "true", wasted_attempts="2"), {"an account is hot twice"}),
    "hot without cause": (
        "UPDATE ledger_hot_account SET wasted_attempts = 0",
        {"a hot account cost nobody an attempt"},
    ),
    "a floor changed unseen": ("UPDATE ledger_account SET floor = -3 WHERE name = 'one'", {"an account was changed unseen"}),
    "a change left out": ("DELETE FROM ledger_account_change WHERE new = '-2'", {"an account was changed unseen"}),
    "a change rewritten": ("UPDATE ledger_account_change SET old = '-9' WHERE new = '-2'", {"an account was changed unseen"}),
    "a change of no account": (
        "UPDATE ledger_account_change SET account_id = 9999",
        {"an account was changed unseen"},
    ),
    "a change of nothing": ("UPDATE ledger_account_change SET old = new WHERE new = '-1'", {"a change changes nothing"}),
    "a change of something else": (
        "UPDATE ledger_account_change SET what = 'kind' WHERE new = '-2'",
        {"a change is of nothing that changes", "an account was changed unseen"},
    ),
    "a change at no time": (
        "UPDATE ledger_account_change SET at = 'infinity' WHERE new = '-1'",
        {"a change was made at no possible time"},
    ),
    "a change by zeros": (
        f"UPDATE ledger_account_change SET by_id = {ZERO}",
        {"an id is all zeros", "a change was made by nobody"},
    ),
    "a change by nobody": (f"UPDATE ledger_account_change SET by_id = {SOMEBODY_ELSE}", {"a change was made by nobody"}),
    "a change twice": (
        "INSERT INTO ledger_account_change SELECT * FROM ledger_account_change WHERE new = '-2'",
        {"two changes have one id", "an account was changed unseen"},
    ),
    "hot for ever": ("UPDATE ledger_hot_account SET queued_until = 'infinity'", {"an account queues at no possible time"}),
}  # fmt: skip


@pytest.mark.parametrize("name", EXACTLY)
def test_one_wrong_row_is_found_by_its_rule(name: str) -> None:
    statement, expected = EXACTLY[name]
    tamper(statement)
    assert set(row_faults()) == expected


AMONG_OTHERS = {
    "an entry of neither side": ("UPDATE ledger_entry SET side = 'both' WHERE amount = 7 AND side = 'debit'", "an entry's side is not known"),
    "an entry's id twice": ("UPDATE ledger_entry SET id = (SELECT min(id) FROM ledger_entry) WHERE amount = 7", "two entries have one id"),
    "an entry twice": (again("ledger_entry", "amount = 7 AND side = 'debit'", seq="seq + 1"), "a transfer does not have its two entries"),
    "a transfer twice": (
        "ALTER TABLE ledger_transfer ALTER fingerprint DROP EXPRESSION;" + again("ledger_transfer", "amount = 7", memo="'other'"),
        "two transfers have one id",
    ),
    "from no account": ("UPDATE ledger_transfer SET debit_account_id = 9999 WHERE amount = 7", "a transfer has no account"),
    "a memo without end": (
        "ALTER TABLE ledger_transfer DROP fingerprint, ALTER memo TYPE text, ADD fingerprint bytea; UPDATE ledger_transfer SET memo = repeat('x', 201) WHERE amount = 7",
        "a transfer's kind or memo is too long",
    ),
    "a name without end": (
        "DROP TRIGGER IF EXISTS record_change ON ledger_account; ALTER TABLE ledger_account ALTER name TYPE text; UPDATE ledger_account SET name = repeat('x', 101) WHERE name = 'one'",
        "an account's name is too long",
    ),
    "a column gone": ("ALTER TABLE ledger_entry DROP digest; UPDATE ledger_entry SET seq = seq", "the rows cannot be proven"),
    "a column of another type": (
        "ALTER TABLE ledger_entry ALTER amount TYPE numeric; UPDATE ledger_entry SET amount = amount",
        "the rows cannot be proven",
    ),
    "money from nowhere": ("UPDATE ledger_account SET balance = balance + 1 WHERE name = 'one'", "the trial balance does not balance"),
}  # fmt: skip


@pytest.mark.parametrize("name", AMONG_OTHERS)
def test_one_wrong_row_is_found_among_what_follows_from_it(name: str) -> None:
    statement, expected = AMONG_OTHERS[name]
    tamper(statement)
    assert expected in row_faults()


MODELS = {model._meta.db_table: model for model in (Account, Transfer, Entry, HotAccount, AccountChange)}
COLUMNS = [
    (table, field.column, field.get_internal_type())
    for table, model in MODELS.items()
    for field in model._meta.local_fields
]
MAY_BE_EMPTY = {"owner_id", "last_posted_at", "floor", "initiated_by_id", "reverses_id", "batch", "by_id", "old", "new"}


def put(table: str, column: str, value: str) -> None:
    if column == "fingerprint":
        tamper("ALTER TABLE ledger_transfer ALTER fingerprint DROP EXPRESSION; UPDATE ledger_transfer SET memo = memo")
    newest = {
        "ledger_account": "name = 'one'",
        "ledger_hot_account": "true",
        "ledger_account_change": "new = '-2'",
    }.get(table, "amount = 7")
    tamper(f"UPDATE {table} SET {column} = {value} WHERE {newest}")


@pytest.mark.parametrize(
    ("table", "column"), [(table, column) for table, column, _ in COLUMNS if column not in MAY_BE_EMPTY]
)
def test_a_missing_value_is_named_wherever_it_is_missing(table: str, column: str) -> None:
    put(table, column, "NULL")
    assert f" without {column}" in row_faults()["a value is missing"]


EXTREMES = {
    "BigAutoField": (str(2**63 - 1), str(-(2**63))),
    "BigIntegerField": (str(2**63 - 1), str(-(2**63))),
    "ForeignKey": (),
    "DateTimeField": ("'infinity'", "'-infinity'", "'4000-01-01 BC'", "'294276-12-31'"),
    "UUIDField": (ZERO,),
    "CharField": ("'-'", "repeat('🂡', 3)"),
    "GeneratedField": ("''",),
    "BinaryField": ("''",),
}
EDGES = [(table, column, value) for table, column, kind in COLUMNS for value in EXTREMES.get(kind, ())]
HARMLESS = {
    ("ledger_account", "name"),
    ("ledger_account", "floor"),
    ("ledger_hot_account", "wasted_attempts"),
    ("ledger_account_change", "why"),
    ("ledger_account_change", "role"),
    ("ledger_account_change", "id"),
}


@pytest.mark.parametrize(("table", "column", "value"), EDGES)
def test_no_value_makes_it_stumble(table: str, column: str, value: str) -> None:
    """Sums that overflow, times that are none in Python, texts that are no code: a fault, and never an error."""
    put(table, column, value)
    found = row_faults()
    assert "the rows cannot be proven" not in found
    assert found or (table, column) in HARMLESS


@pytest.mark.parametrize("column", ["debit_account_id", "credit_account_id", "reverses_id", "initiated_by_id"])
def test_a_reference_to_nothing_is_found(column: str) -> None:
    put("ledger_transfer", column, str(2**63 - 1) if "account" in column else SOMEBODY_ELSE)
    assert row_faults()


def test_a_user_is_looked_for_among_users() -> None:
    tamper("UPDATE ledger_transfer SET initiated_by_id = (SELECT id FROM accounts_user) WHERE amount = 7;" + REBUILD)
    assert row_faults() == {}
    assert User.objects.count() == 1
