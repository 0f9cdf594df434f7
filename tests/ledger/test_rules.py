"""Each rule of the books attacked by hand-written SQL, as the owner of the tables.

The refusing rule must name itself; and with that rule taken out, in the same transaction, its name no longer appears,
so the rule is needed and the attack is real.
"""

from dataclasses import dataclass
from uuid import uuid4

import psycopg
import pytest

from ledger.lanes import note_wasted
from ledger.models import Account, Kind
from ledger.posting import post, reverse
from tests.ledger.books import BOTH, account, order, user
from tests.ledger.test_log import REFUSED as REFUSED_BY_THE_LOG

pytestmark = pytest.mark.django_db(transaction=True, databases=BOTH)

TRIGGER, CONSTRAINT, INDEX, IN_FUNCTION = "trigger", "constraint", "index", "function"
ZEROS = "decode(repeat('00', 32), 'hex')"
TRANSFER = (
    "INSERT INTO ledger_transfer (id, debit_account_id, credit_account_id, amount, currency, kind, memo, posted_at)"
    " VALUES (gen_random_uuid(), {debit}, {credit}, {amount}, '{currency}', 'attack', '', {at})"
)
ENTRY = (
    "INSERT INTO ledger_entry (account_id, seq, transfer_id, side, amount, balance_after, posted_at, digest)"
    f" VALUES ({{account}}, {{seq}}, {{transfer}}, '{{side}}', {{amount}}, {{balance}}, now(), {ZEROS})"
)
ACCOUNT = "INSERT INTO ledger_account (number, name, kind, currency, {column}) VALUES ('000000000097', 'attack', 'asset', 'EUR', {value})"
OPEN = "INSERT INTO ledger_account (number, name, kind, currency) VALUES ('000000000097', 'attack', '{kind}', '{currency}')"


def transfer(**values: object) -> str:
    defaults = {"debit": "{alice}", "credit": "{bob}", "amount": 1, "currency": "EUR", "at": "clock_timestamp()"}
    return TRANSFER.format(**defaults | values)


def entry(**values: object) -> str:
    defaults = {
        "account": "{bob}", "seq": 2, "transfer": "gen_random_uuid()", "side": "credit", "amount": 1, "balance": 501,
    }  # fmt: skip
    return ENTRY.format(**defaults | values)


def dated(at: str, **values: object) -> str:
    """Between two accounts that have never moved, so that no order of time is in the way."""
    return transfer(debit="{till}", credit="{carol}", at=at, **values)


def with_column(column: str, value: str) -> str:
    return transfer().replace("memo, ", f"memo, {column}, ").replace("'attack', '', ", f"'attack', '', {value}, ")


def wallet(columns: str, values: str) -> str:
    """`98` is 98 - 97 = 1: the check digits are right."""
    return f"INSERT INTO ledger_account (number, currency, {columns}) VALUES ('000000000098', 'USD', {values})"


def two_transfers(one: str, other: str, *reverses: str) -> str:
    """In one statement: out of the till and back."""
    return (
        "INSERT INTO ledger_transfer (id, debit_account_id, credit_account_id, amount, currency, kind, memo, reverses_id, posted_at)"
        f" VALUES ('{one}', {{till}}, {{carol}}, 5, 'EUR', 'attack', '', {reverses[0]}, clock_timestamp()),"
        f" ('{other}', {{carol}}, {{till}}, 5, 'EUR', 'attack', '', {reverses[1]}, clock_timestamp())"
    )


def reversal(of: str = "'{paid}'", debit: str = "{bob}", credit: str = "{alice}", amount: int = 500) -> str:
    return (
        "INSERT INTO ledger_transfer (id, debit_account_id, credit_account_id, amount, currency, kind, memo, reverses_id, posted_at)"
        f" VALUES (gen_random_uuid(), {debit}, {credit}, {amount}, 'EUR', 'reversal', '', {of}, clock_timestamp())"
    )


@dataclass(frozen=True)
class Attack:
    rule: str
    how: str
    sql: str
    kind: str = TRIGGER
    table: str = ""
    isolation: str = "SERIALIZABLE"

    def __str__(self) -> str:
        return f"{self.rule}: {self.how}"


def on_entries(how: str, **values: object) -> Attack:
    return Attack("entry_is_written_by_its_transfer", how, entry(**values), table="ledger_entry")


def on_account(rule: str, how: str, sql: str, kind: str = TRIGGER) -> Attack:
    return Attack(rule, how, sql, kind, "ledger_account")


def on_transfer(rule: str, how: str, sql: str, kind: str = IN_FUNCTION, isolation: str = "SERIALIZABLE") -> Attack:
    return Attack(rule, how, sql, kind, "ledger_transfer", isolation)


def update(assignment: str, who: str = "{alice}") -> str:
    return f"UPDATE ledger_account SET {assignment} WHERE id = {who}"


ZERO = "'00000000-0000-0000-0000-000000000000'"
ONE, OTHER = "11111111-1111-4111-8111-111111111111", "22222222-2222-4222-8222-222222222222"
FOLLOWS, SANE = "reversal_follows_its_transfer", "transfer_time_is_sane"
MOVES, EMPTY, IDENTITY = "balance_moves_by_an_entry", "new_account_is_empty", "account_keeps_its_identity"
MIRROR, OWN_TRIGGER = "reversal_mirrors_its_transfer", "entry_is_written_by_its_transfer"
ATTACKS = [
    on_entries("an entry of no transfer"),
    on_entries("a third leg", transfer="'{paid}'"),
    on_entries("a leg on an account that is not the transfer's", account="{carol}", seq=1, balance=1, transfer="'{paid}'"),
    on_entries("a gap in the sequence", seq=9),
    on_entries("a repeat in the sequence", seq=1),
    on_entries("a wrong balance after", balance=10**9),
    Attack(OWN_TRIGGER, "with the mark set by hand", "SET LOCAL ledger.posting = 'on'; " + entry(), table="ledger_entry"),
    Attack(
        OWN_TRIGGER,
        "from a trigger of one's own",
        "CREATE TABLE trick (); CREATE FUNCTION trick() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        + entry()
        + "; RETURN NULL; END $$; CREATE TRIGGER trick AFTER INSERT ON trick EXECUTE FUNCTION trick();"
        " INSERT INTO trick DEFAULT VALUES",
        table="ledger_entry",
    ),
    Attack("entries_are_append_only", "another amount", "UPDATE ledger_entry SET amount = 1", table="ledger_entry"),
    Attack("entries_are_append_only", "gone", "DELETE FROM ledger_entry", table="ledger_entry"),
    Attack("entries_are_append_only", "nothing, by UPDATE", "UPDATE ledger_entry SET seq = seq WHERE false", table="ledger_entry"),
    Attack("entries_are_never_truncated", "all gone", "TRUNCATE ledger_entry", table="ledger_entry"),
    on_transfer("transfers_are_append_only", "another memo", "UPDATE ledger_transfer SET memo = 'x'", TRIGGER),
    on_transfer("transfers_are_append_only", "gone", "DELETE FROM ledger_transfer", TRIGGER),
    on_transfer("transfers_are_never_truncated", "all gone", "TRUNCATE ledger_transfer CASCADE", TRIGGER),
    on_account("accounts_are_never_deleted", "an unused one", "DELETE FROM ledger_account WHERE id = {carol}"),
    on_account("accounts_are_never_truncated", "all gone", "TRUNCATE ledger_account CASCADE"),
    on_account(MOVES, "more money", update("balance = balance + 1")),
    on_account(MOVES, "with the mark set by hand", "SET LOCAL ledger.posting = 'on'; " + update("balance = balance + 1")),
    on_account(MOVES, "another sequence", update("last_seq = last_seq + 1")),
    on_account(MOVES, "another time", update("last_posted_at = now()")),
    on_account(MOVES, "another digest", update("head = sha256('x')")),
    on_account(MOVES, "more money by an upsert", OPEN.format(kind="asset", currency="EUR").replace("'000000000097'", "'{number}'")
        + " ON CONFLICT (number) DO UPDATE SET balance = 10"),
    on_account(EMPTY, "born rich", ACCOUNT.format(column="balance", value=100)),
    on_account(EMPTY, "born with a past", ACCOUNT.format(column="last_seq", value=1)),
    on_account(EMPTY, "born with a date", ACCOUNT.format(column="last_posted_at", value="now()")),
    on_account(EMPTY, "born with a digest", ACCOUNT.format(column="head", value="sha256('x')")),
    on_account(IDENTITY, "another currency", update("currency = 'USD'")),
    on_account(IDENTITY, "another kind", update("kind = 'asset'")),
    on_account(IDENTITY, "another number", update("number = '000000000097'")),
    on_account(IDENTITY, "another id", update("id = 999999")),
    on_account(IDENTITY, "another opening time", update("opened_at = now()")),
    on_account("account_currency_is_a_code", "no currency", OPEN.format(kind="asset", currency="eur"), CONSTRAINT),
    on_account("account_kind_is_known", "no kind", OPEN.format(kind="slush", currency="EUR"), CONSTRAINT),
    on_account("account_status_is_known", "no status", update("status = 'odd'"), CONSTRAINT),
    on_account("balance_is_not_below_its_floor", "the floor above the balance", update("floor = 10000"), CONSTRAINT),
    on_account("closed_account_has_no_money", "closing with money on it", update("status = 'closed'"), CONSTRAINT),
    on_account("closed_account_stays_closed", "opening a closed one", update("status = 'open'", "{closed}")),
    on_account("one_system_account_a_name", "a second one", OPEN.format(kind="asset", currency="EUR").replace("attack", "cash"), INDEX),
    on_transfer("amount_is_positive", "nothing", transfer(amount=0), CONSTRAINT),
    on_transfer("amount_is_positive", "the other way round", transfer(amount=-5), CONSTRAINT),
    on_transfer("two_accounts_differ", "to oneself", transfer(credit="{alice}"), CONSTRAINT),
    on_transfer("posting_is_serializable", "read committed", transfer(), isolation="READ COMMITTED"),
    on_transfer("posting_is_serializable", "repeatable read", transfer(), isolation="REPEATABLE READ"),
    on_transfer("leg_has_an_account", "from nowhere", transfer(debit=0)),
    on_transfer("leg_has_an_account", "to nowhere", transfer(credit=0)),
    on_transfer("leg_has_its_accounts_currency", "dollars", transfer(currency="USD")),
    on_transfer("leg_has_its_accounts_currency", "to a dollar account", transfer(credit="{dollars}")),
    on_transfer("closed_account_does_not_move", "into a closed one", transfer(credit="{closed}")),
    on_transfer("frozen_account_only_receives", "out of a frozen one", transfer(debit="{frozen}")),
    on_transfer("balance_stays_above_its_floor", "one too much", transfer(amount=501)),
    on_transfer(
        "balance_stays_above_its_floor",
        "one too much on the way, in a batch",
        transfer(amount=501).replace("clock_timestamp())", "now()), (gen_random_uuid(), {bob}, {alice}, 501, 'EUR', 'attack', '', now())"),
    ),
    on_transfer("entries_follow_time", "dated before the account's last entry", transfer(at="now() - interval '1 day'")),
    on_transfer("entries_follow_time", "dated into the future", transfer(at="now() + interval '1 day'")),
    on_transfer(MIRROR, "another amount", reversal(amount=499), TRIGGER),
    on_transfer(MIRROR, "the same direction", reversal(debit="{alice}", credit="{bob}", amount=500), TRIGGER),
    on_transfer(MIRROR, "of nothing", reversal(of="gen_random_uuid()"), TRIGGER),
    on_transfer("reversed_once", "a second one", reversal(of="'{reversed}'", amount=5), INDEX),
    # Values at the edge.
    *(
        on_transfer(SANE, at, dated(f"timestamptz '{at}'"), CONSTRAINT)
        for at in ("-infinity", "4000-01-01 BC", "1899-12-31 23:59:59+00", "infinity", "9999-01-01+00")
    ),
    on_transfer("transfer_id_is_not_nobody", "the id that is none", transfer().replace("gen_random_uuid()", ZERO), CONSTRAINT),
    on_transfer("batch_is_something", "the batch that is none", with_column("batch", ZERO), CONSTRAINT),
    on_transfer("initiator_is_somebody", "by nobody", with_column("initiated_by_id", ZERO), CONSTRAINT),
    on_transfer("reversed_is_something", "of none", reversal(of=ZERO), CONSTRAINT),
    *(
        on_transfer("transfer_kind_is_a_word", f"kind {kind!r}", transfer().replace("'attack'", f"E'{kind}'"), CONSTRAINT)
        for kind in ("", " ", "\\x01", "payment\\n", "Payment", "\\u200bpayment")
    ),
    on_transfer(FOLLOWS, "two that reverse each other", two_transfers(ONE, OTHER, f"'{OTHER}'", f"'{ONE}'"), TRIGGER),
    on_transfer(FOLLOWS, "before its original", two_transfers(ONE, OTHER, f"'{OTHER}'", "NULL"), TRIGGER),
    on_transfer(FOLLOWS, "with its original", two_transfers(ONE, OTHER, "NULL", f"'{ONE}'"), TRIGGER),
    *(
        on_account("account_id_is_positive", f"account {id}", wallet("id, name, kind", f"{id}, 'attack', 'asset'"), CONSTRAINT)
        for id in (0, -1, -2**63)
    ),
    on_account("wallet_is_a_liability", "a customer's asset", wallet("owner_id, name, kind, floor", "'{dora}', '', 'asset', NULL"), CONSTRAINT),
    on_account("account_has_an_owner_or_a_name", "neither", wallet("name, kind", "'', 'liability'"), CONSTRAINT),
    on_account("account_has_an_owner_or_a_name", "both", wallet("owner_id, name, kind", "'{dora}', 'cash', 'liability'"), CONSTRAINT),
    on_account("account_owner_is_somebody", "nobody's", wallet("owner_id", ZERO), CONSTRAINT),
    *(
        on_account("account_times_are_sane", f"opened {at}", wallet("name, kind, opened_at", f"'attack', 'asset', '{at}'"), CONSTRAINT)
        for at in ("infinity", "-infinity", "4000-01-01 BC")
    ),
    *(
        on_account("number_has_check_digits", f"number {number!r}", wallet("name, kind", "'attack', 'asset'").replace("000000000098", number))
        for number in ("000000000099", "00000000098", "", "00000000009x", "٠٠٠٠٠٠٠٠٠٠٩٨", " 00000000098")
    ),
    *(
        Attack("hot_account_is_sane", how, f"UPDATE ledger_hot_account SET {what}", CONSTRAINT, "ledger_hot_account")
        for how, what in {"queued since ever": "queued_until = '-infinity'", "cost nothing": "wasted_attempts = 0"}.items()
    ),
    *(
        Attack("hot_account_cools_down", until, f"UPDATE ledger_hot_account SET queued_until = '{until}'", table="ledger_hot_account")
        for until in ("9998-12-31", "tomorrow")
    ),
    # What happened to an account.
    Attack("account_changes_are_append_only", "another reason", "UPDATE ledger_account_change SET why = 'x'", table="ledger_account_change"),
    Attack("account_changes_are_append_only", "gone", "DELETE FROM ledger_account_change", table="ledger_account_change"),
    Attack("account_changes_are_never_truncated", "all gone", "TRUNCATE ledger_account_change", table="ledger_account_change"),
    Attack(
        "account_change_is_written_by_its_update",
        "one that did not happen",
        "INSERT INTO ledger_account_change (account_id, what, why, role, at) VALUES ({alice}, 'floor', '', 'x', now())",
        table="ledger_account_change",
    ),
]  # fmt: skip


@pytest.fixture
def scene() -> dict[str, object]:
    """Alice has paid Bob 500 of her 1,000, and another 5 that came back."""
    alice, bob, carol, dollars = account(1000), account(), account(), account(currency="USD")
    frozen, closed, till = account(50), account(), account(kind=Kind.ASSET, floor=None)
    note_wasted([alice.pk])
    paid, again = post([order(alice, bob, 500)])[0], post([order(alice, bob, 5)])[0]
    reverse(again, id=uuid4())
    Account.objects.filter(pk=frozen.pk).update(status="frozen")
    Account.objects.filter(pk=closed.pk).update(status="closed")
    return {
        "alice": alice.pk, "bob": bob.pk, "carol": carol.pk, "dollars": dollars.pk, "frozen": frozen.pk, "closed": closed.pk,
        "paid": paid.pk, "reversed": again.pk, "number": alice.number,
        "till": till.pk, "dora": user("dora").pk,
    }  # fmt: skip


@pytest.mark.parametrize("attack", ATTACKS, ids=str)
def test_the_database_refuses(attack: Attack, scene: dict[str, object], owner: psycopg.Connection) -> None:
    assert refusal(attack, scene, owner) == attack.rule
    owner.rollback()
    assert refusal(attack, scene, owner, without_rule=True) != attack.rule


def refusal(
    attack: Attack, scene: dict[str, object], owner: psycopg.Connection, *, without_rule: bool = False
) -> str | None:
    """The name of the rule that refuses the attack; None when it gets through."""
    owner.execute(f"SET TRANSACTION ISOLATION LEVEL {attack.isolation}")
    if without_rule:
        drop(attack, owner)
    statement = attack.sql
    for name, value in scene.items():
        statement = statement.replace(f"{{{name}}}", str(value))
    try:
        owner.execute(statement)
        owner.execute("SET CONSTRAINTS ALL IMMEDIATE")
    except psycopg.errors.IntegrityError as error:
        return error.diag.constraint_name
    return None


def drop(attack: Attack, owner: psycopg.Connection) -> None:
    if attack.kind == TRIGGER:
        owner.execute(f"DROP TRIGGER {attack.rule} ON {attack.table}")
    elif attack.kind == CONSTRAINT:
        owner.execute(f"ALTER TABLE {attack.table} DROP CONSTRAINT {attack.rule}")
    elif attack.kind == INDEX:
        owner.execute(f"DROP INDEX {attack.rule}")
    else:
        source = owner.execute("SELECT pg_get_functiondef('ledger_post'::regproc)").fetchone()
        assert source and f"ledger_refuse('{attack.rule}'" in source[0]
        owner.execute("CREATE FUNCTION ledger_shrug(text, text, text) RETURNS boolean LANGUAGE sql AS 'SELECT true'")
        owner.execute(source[0].replace(f"ledger_refuse('{attack.rule}'", "ledger_shrug('x'"))


# They do something, and refuse nothing; or refuse only what others than the owner do (tests/ledger/test_site_rules.py).
NOT_FOR_THE_OWNER = {
    "post_entries",
    "record_change",
    "log_grows",
    "new_wallet_is_plain",
    "only_plain_wallets",
    "only_ruled_postings",
}
# Behind a rule of what it is derived from.
DERIVED = {"entry_time_is_sane", "account_change_time_is_sane"}


def test_every_rule_is_attacked(owner: psycopg.Connection) -> None:
    triggers = owner.execute(
        "SELECT tgname FROM pg_trigger WHERE NOT tgisinternal AND tgrelid::regclass::text LIKE 'ledger%'"
    )
    constraints = owner.execute(
        "SELECT conname FROM pg_constraint WHERE contype = 'c' AND conrelid::regclass::text LIKE 'ledger%'"
        " AND conrelid <> 'ledger_posting_rule'::regclass AND conname NOT LIKE '%_check'"
    )
    named = {row[0] for rows in (triggers, constraints) for row in rows.fetchall()}
    attacked = {attack.rule for attack in ATTACKS} | {"entry_side_is_known"}  # below
    attacked |= set(REFUSED_BY_THE_LOG.values())
    assert named - NOT_FOR_THE_OWNER - DERIVED <= attacked


def test_what_only_the_one_writer_could_break_is_refused_by_constraints_too(
    owner: psycopg.Connection, scene: dict[str, object]
) -> None:
    """Behind the rule that nobody else writes entries, the table itself refuses a repeat."""
    for attack, constraint in (
        (on_entries("a repeat", account=scene["bob"], seq=1), "entry_seq_is_unique"),
        (on_entries("a third leg", account=scene["bob"], seq=99, transfer=f"'{scene['paid']}'"), "one_entry_a_side"),
        (on_entries("a third side", account=scene["bob"], seq=99, side="middle"), "entry_side_is_known"),
    ):
        assert refusal(attack, scene, owner, without_rule=True) == constraint
        owner.rollback()
