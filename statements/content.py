"""What a statement says, read once from the books: every format is made of this and of nothing else.

Nothing here depends on the day it is read: entries are never changed, and names are those the statement holds.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db.models import QuerySet

from ledger import references
from ledger.models import EMPTY_HEAD, Account, Entry, Side
from statements.lines import OTHER_WORDS, SYSTEM_NAMES, WORDS
from statements.models import PART, Seal, Statement, bounds, label_of, period_name

Names = Mapping[str, tuple[str, str] | list[str]]  # by the other account's id: registered name and handle
CHUNK = 5_000  # rows fetched at once
COLUMNS = (
    "seq", "posted_at", "side", "amount", "balance_after", "digest", "transfer_id", "transfer__kind", "transfer__memo",
    "transfer__fingerprint", "transfer__reverses_id", "transfer__debit_account_id", "transfer__credit_account_id",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Line:
    """One entry. `amount` is in minor units: positive came in, negative went out. `posted_at` is UTC."""

    seq: int
    posted_at: datetime
    side: str
    amount: int
    balance_after: int
    digest: bytes
    transfer_id: UUID
    kind: str
    memo: str
    fingerprint: bytes
    reverses: bool
    name: str
    handle: str

    @property
    def came_in(self) -> bool:
        return self.amount > 0

    @property
    def reference(self) -> str:
        return references.of(self.transfer_id)

    @property
    def word(self) -> str:
        """What happened, from this side: "You sent"."""
        return WORDS.get(self.kind, OTHER_WORDS)[self.came_in]


@dataclass(frozen=True, slots=True)
class StatementData:
    """Amounts in minor units of `currency`, digests of 32 bytes, days in `zone`. The lines are in order of `seq`."""

    id: UUID
    monthly: bool
    number: int
    bank: str
    holder: str
    account_id: int
    account_number: str
    currency: str
    first_day: date
    last_day: date
    zone: ZoneInfo
    made_at: datetime
    first_seq: int
    last_seq: int
    opening: int
    closing: int
    opening_head: bytes
    head: bytes
    lines: tuple[Line, ...]
    signature: str = ""  # the bank's, under the JSON; none for a part, nor before it is signed

    @property
    def came_in(self) -> int:
        return sum(line.amount for line in self.lines if line.came_in)

    @property
    def went_out(self) -> int:
        """Not negative."""
        return -sum(line.amount for line in self.lines if not line.came_in)

    @property
    def begins(self) -> datetime:
        return bounds(self.first_day, self.last_day, self.zone)[0]

    @property
    def ends(self) -> datetime:
        """The first moment after the period, or when it was made if it was made before."""
        return min(bounds(self.first_day, self.last_day, self.zone)[1], self.made_at.astimezone(self.zone))

    @property
    def period(self) -> str:
        return period_name(self.first_day, self.last_day, whole_month=self.monthly)

    @property
    def label(self) -> str:
        return label_of(self.number, monthly=self.monthly)


def read(statement: Statement, *, part: int | None = None) -> StatementData:
    """The whole statement; or one of its `statement.parts`, from 1 on, as a statement of these entries alone."""
    account, zone = statement.account, ZoneInfo(statement.time_zone)
    first, last = statement.first_seq, statement.last_seq
    if part is not None:
        first, last = first + (part - 1) * PART, min(last, first + part * PART - 1)
    opening, opening_head = _after(account, first - 1)
    closing, head = (statement.closing, bytes(statement.head)) if last == statement.last_seq else _after(account, last)
    entries = Entry.objects.filter(account=account, seq__range=(first, last)).order_by("seq")
    return StatementData(
        id=statement.id,
        monthly=statement.is_monthly,
        number=statement.number,
        bank=statement.bank,
        holder=statement.holder,
        account_id=account.pk,
        account_number=account.number,
        currency=account.currency,
        first_day=statement.first_day,
        last_day=statement.last_day,
        zone=zone,
        made_at=statement.made_at,
        first_seq=first,
        last_seq=last,
        opening=opening,
        closing=closing,
        opening_head=opening_head,
        head=head,
        lines=tuple(lines_of(account, entries, statement.names)),
        signature=_signature(statement) if part is None or statement.parts == 1 else "",
    )


def _signature(statement: Statement) -> str:
    return Seal.objects.filter(statement=statement).values_list("note", flat=True).first() or ""


def lines_of(account: Account, entries: QuerySet[Entry], names: Names | None = None) -> Iterator[Line]:
    """The entries, all of `account`, in the order given. Without `names`: those of today."""
    for rows in _chunks(entries.values_list(*COLUMNS).iterator(chunk_size=CHUNK)):
        known = names_of({_other(row, account) for row in rows}) if names is None else names
        for row in rows:
            *plain, _debit, _credit = row
            rises = (row[2] == Side.DEBIT) == account.is_debit_normal
            seq, posted_at, side, amount, balance_after, digest, transfer_id, kind, memo, fingerprint, reverses = plain
            name, handle = known[str(_other(row, account))]
            yield Line(
                seq, posted_at, side, amount if rises else -amount, balance_after, bytes(digest), transfer_id, kind,
                memo, bytes(fingerprint), reverses is not None, name, handle,
            )  # fmt: skip


def names_of(account_ids: Iterable[int]) -> dict[str, tuple[str, str]]:
    """By the account's id: the registered name and the handle as they are now; none for the bank's own accounts."""
    found = Account.objects.filter(pk__in=list(account_ids)).select_related("owner")
    return {str(account.pk): _name(account) for account in found}


def others(account: Account, first_seq: int, last_seq: int) -> set[int]:
    """The accounts on the other side of these entries."""
    pairs = Entry.objects.filter(account=account, seq__range=(first_seq, last_seq)).values_list(
        "transfer__debit_account_id", "transfer__credit_account_id"
    )
    return {one for pair in pairs.distinct() for one in pair} - {account.pk}


def _name(account: Account) -> tuple[str, str]:
    if account.owner is None:
        return SYSTEM_NAMES.get(account.name, settings.SITE_NAME), ""
    return account.owner.full_name, account.owner.handle or ""


def _after(account: Account, seq: int) -> tuple[int, bytes]:
    """Balance and digest after the entry; nothing before the first one."""
    entry = Entry.objects.filter(account=account, seq=seq).first()
    return (entry.balance_after, bytes(entry.digest)) if entry else (0, EMPTY_HEAD)


def _other(row: tuple[Any, ...], account: Account) -> int:
    debit, credit = row[-2:]
    return int(credit if debit == account.pk else debit)


def _chunks(rows: Iterator[tuple[Any, ...]]) -> Iterator[list[tuple[Any, ...]]]:
    chunk: list[tuple[Any, ...]] = []
    for row in rows:
        chunk.append(row)
        if len(chunk) == CHUNK:
            yield chunk
            chunk = []
    if chunk:
        yield chunk
