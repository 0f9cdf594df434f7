"""What every single row must obey by itself. A rule is a condition that is true of a wrong row.

Where a column is NULL no condition on it is true: that is a fault of its own, so the columns that must have a value are
listed.
"""

from dataclasses import dataclass

from ledger.models import Kind, Side, Status

NONE = "'00000000-0000-0000-0000-000000000000'::uuid"
EARLIEST = "timestamptz '1900-01-01 00:00:00+00'"  # nobody's history is older


LATEST = "(SELECT statement_timestamp() + interval '1 minute')"  # as far ahead as posting lets a clock be


def _no_time(column: str) -> str:
    ahead = f"{column} > {LATEST}"
    return f"NOT isfinite({column}) OR {column} < {EARLIEST} OR {ahead}"


def _among(column: str, words: list[str]) -> str:
    return f"{column} NOT IN ({', '.join(repr(word) for word in words)})"


def _is_none(*columns: str) -> str:
    """The canonical bytes of the all-zero UUID are those of "none": docs/ledger-encoding.md."""
    return " OR ".join(f"{column} = {NONE}" for column in columns)


def _text(column: str) -> str:
    return f"int4send(octet_length(convert_to({column}, 'UTF8'))) || convert_to({column}, 'UTF8')"


# docs/ledger-encoding.md, in PostgreSQL's words.
FINGERPRINT = f"""sha256('\\x01'::bytea || uuid_send(id)
  || int8send(debit_account_id) || int8send(credit_account_id) || int8send(amount)
  || {_text("currency")} || {_text("kind")} || {_text("memo")}
  || uuid_send(coalesce(initiated_by_id, {NONE})) || uuid_send(coalesce(reverses_id, {NONE}))
  || uuid_send(coalesce(batch, {NONE})))"""


@dataclass(frozen=True, slots=True)
class Rows:
    table: str
    what: str
    required: tuple[str, ...]
    rules: dict[str, str]

    def query(self) -> str:
        rules = {"a value is missing": f"num_nulls({', '.join(self.required)}) > 0"} | self.rules
        wrong = ", ".join(f"CASE WHEN {condition} THEN $${what}$$ END" for what, condition in rules.items())
        missing = ", ".join(f"CASE WHEN {column} IS NULL THEN ' without {column}' END" for column in self.required)
        return (
            f"SELECT concat('{self.what} ', {self.required[0]}, {missing}), {wrong} FROM ONLY public.{self.table}"
            f" WHERE {' OR '.join(f'({condition})' for condition in rules.values())}"
        )


ACCOUNT = Rows(
    "ledger_account",
    "account",
    ("id", "number", "name", "kind", "currency", "balance", "last_seq", "head", "status", "opened_at"),
    {
        "an account's id is below 1": "id < 1",
        "an account's number is not twelve digits that check": (
            "CASE WHEN number ~ '^[0-9]{12}$' THEN number::bigint % 97 <> 1 ELSE number IS NOT NULL END"
        ),
        "an account's name is too long": "char_length(name) > 100",
        "an account's kind is not known": _among("kind", Kind.values),
        "an account's status is not known": _among("status", Status.values),
        "an account's currency is no code": "currency !~ '^[A-Z]{3}$'",
        "an account was opened at no possible time": _no_time("opened_at"),
        "an account has not either an owner or a name": "(owner_id IS NULL) = (name = '')",
        "a customer's wallet is not a liability": "owner_id IS NOT NULL AND kind <> 'liability'",
        "an account is below its floor": "balance < floor",
        "a closed account has money on it": "status = 'closed' AND balance <> 0",
        "an id is all zeros": _is_none("owner_id"),
    },
)
TRANSFER = Rows(
    "ledger_transfer",
    "transfer",
    (
        "id", "debit_account_id", "credit_account_id", "amount", "currency", "kind", "memo", "fingerprint", "attempts",
        "waited_ms", "posted_at",
    ),
    {
        "a transfer's amount is not positive": "amount <= 0",
        "a transfer is to oneself": "debit_account_id = credit_account_id",
        "a transfer's kind is no word": "kind !~ '^[a-z][a-z0-9_ -]*$'",
        "a transfer's kind or memo is too long": "char_length(kind) > 32 OR char_length(memo) > 200",
        "a transfer was posted at no possible time": _no_time("posted_at"),
        "a transfer took less than no attempts or time": "attempts < 0 OR waited_ms < 0",
        "an id is all zeros": _is_none("id", "initiated_by_id", "reverses_id", "batch"),
        "a transfer has another fingerprint": f"fingerprint IS DISTINCT FROM {FINGERPRINT}",
    },
)  # fmt: skip
ENTRY = Rows(
    "ledger_entry",
    "entry",
    ("id", "account_id", "seq", "transfer_id", "side", "amount", "balance_after", "posted_at", "digest"),
    {
        "an entry's amount is not positive": "amount <= 0",
        "an entry's side is not known": _among("side", Side.values),
    },
)
HOT_ACCOUNT = Rows(
    "ledger_hot_account",
    "hot account",
    ("account_id", "wasted_attempts", "queued_until"),
    {
        "an account queues at no possible time": _no_time("queued_until"),  # some seconds ahead: ledger/lanes.py
        "a hot account cost nobody an attempt": "wasted_attempts < 1",
    },
)
CHANGE = Rows(
    "ledger_account_change",
    "change",
    ("id", "account_id", "what", "why", "role", "at"),
    {
        "a change is of nothing that changes": _among("what", ["floor", "status", "name"]),
        "a change changes nothing": "old IS NOT DISTINCT FROM new",
        "a change was made at no possible time": _no_time("at"),
        "an id is all zeros": _is_none("by_id"),
    },
)


def queries() -> list[str]:
    return [rows.query() for rows in (ACCOUNT, TRANSFER, ENTRY, HOT_ACCOUNT, CHANGE)]
