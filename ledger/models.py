"""The books: accounts, the transfers between them, and the two entries of each transfer.

Every amount is an integer in minor units of its currency. Only `ledger.posting.post` moves money, and only the
database writes entries and balances (ledger/sql/0002_rules.sql).
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any, ClassVar, Self

from django.conf import settings
from django.db import connections, models, router
from django.db.models import F, Func, Q
from django.db.models.functions import Now

from inputs.text import account_number
from ledger import edges, numbers, references

if TYPE_CHECKING:
    from django.contrib.auth.base_user import AbstractBaseUser

EMPTY_HEAD = bytes(32)  # the digest before an account's first entry
LONGEST_TYPED = 100  # characters of a number, with what a copy brings along


class Kind(models.TextChoices):
    ASSET = "asset"
    LIABILITY = "liability"
    EQUITY = "equity"
    INCOME = "income"
    EXPENSE = "expense"


class Status(models.TextChoices):
    OPEN = "open"
    FROZEN = "frozen"
    CLOSED = "closed"


class Side(models.TextChoices):
    DEBIT = "debit"
    CREDIT = "credit"


DEBIT_NORMAL = frozenset({Kind.ASSET, Kind.EXPENSE})

# The bank's own accounts, opened at first use, so that no data migration has to. None of them has a floor.
SYSTEM_ACCOUNTS = {
    "cash": Kind.ASSET,
    "settlement": Kind.ASSET,
    "suspense": Kind.LIABILITY,
    "capital": Kind.EQUITY,
    "fees": Kind.INCOME,
    "promotions": Kind.EXPENSE,
}

# By hand, because the ORM names every column. The site's role may name these and no other: the database makes a new
# wallet a plain one, and opens the bank's own accounts from its own list (ledger/sql/0005_rights.sql).
OPEN_WALLET = (
    "INSERT INTO ledger_account (number, owner_id, currency) VALUES (%(number)s, %(owner_id)s, %(currency)s)"
    " ON CONFLICT DO NOTHING"
)
OPEN_SYSTEM_ACCOUNT = "SELECT ledger_open_system_account(%(name)s, %(currency)s, %(number)s)"


class AccountQuerySet(models.QuerySet["Account"]):
    def for_owner(self, owner: AbstractBaseUser, currency: str | None = None) -> Account:
        """The customer's one wallet in this currency (default: the site's), opened at the first call."""
        key = {"owner_id": owner.pk, "currency": currency or settings.CURRENCY}
        return self._get_or_open(key, OPEN_WALLET)

    def system(self, name: str, currency: str | None = None) -> Account:
        """The bank's own account of that name. KeyError when SYSTEM_ACCOUNTS does not have it."""
        if name not in SYSTEM_ACCOUNTS:
            raise KeyError(name)
        key = {"owner_id": None, "name": name, "currency": currency or settings.CURRENCY}
        return self._get_or_open(key, OPEN_SYSTEM_ACCOUNT)

    def by_number(self, text: str) -> Account | None:
        """The account with this number, however it is written; None when it is none or nobody has it."""
        number = account_number(text) if len(text) <= LONGEST_TYPED else None
        if number is None or not numbers.is_number(number):
            return None
        return self.select_related("owner").filter(number=number).first()

    def _get_or_open(self, key: dict[str, Any], statement: str) -> Account:
        for _ in range(10):
            account = self.filter(**key).first()
            if account is not None:
                return account
            # Somebody else may open it first, or the number be taken: the row is simply not written, then.
            with connections[router.db_for_write(Account)].cursor() as cursor:
                cursor.execute(statement, {**key, "number": numbers.new()})
        return self.get(**key)


class Account(models.Model):
    number = models.CharField(max_length=numbers.LENGTH, unique=True)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="wallets", db_index=False
    )
    name = models.CharField(max_length=100, blank=True)
    kind = models.CharField(max_length=9, choices=Kind.choices)
    currency = models.CharField(max_length=3)
    balance = models.BigIntegerField(db_default=0, help_text="Minor units, on the account's normal side.")
    last_seq = models.BigIntegerField(db_default=0)
    last_posted_at = models.DateTimeField(null=True)
    head = models.BinaryField(db_default=EMPTY_HEAD, help_text="The digest of the account's last entry.")
    floor = models.BigIntegerField(null=True, help_text="The lowest balance allowed, in minor units; none when empty.")
    status = models.CharField(max_length=6, choices=Status.choices, db_default=Status.OPEN)
    opened_at = models.DateTimeField(db_default=Now())

    objects: ClassVar[AccountQuerySet] = AccountQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["owner", "currency"], condition=Q(owner__isnull=False), name="one_wallet_a_currency"
            ),
            models.UniqueConstraint(
                fields=["name", "currency"], condition=Q(owner__isnull=True), name="one_system_account_a_name"
            ),
            models.CheckConstraint(condition=Q(kind__in=Kind.values), name="account_kind_is_known"),
            models.CheckConstraint(condition=Q(status__in=Status.values), name="account_status_is_known"),
            models.CheckConstraint(condition=Q(currency__regex="^[A-Z]{3}$"), name="account_currency_is_a_code"),
            models.CheckConstraint(
                condition=Q(floor__isnull=True) | Q(balance__gte=F("floor")), name="balance_is_not_below_its_floor"
            ),
            models.CheckConstraint(
                condition=~Q(status=Status.CLOSED) | Q(balance=0), name="closed_account_has_no_money"
            ),
            *edges.ACCOUNT,
        ]

    def __str__(self) -> str:
        """Whose it is, and its number. Reads the owner: lists select them along."""
        whose = f"{self.owner.full_name} {self.owner}" if self.owner else self.name
        return f"{whose} · {self.number_display}"

    @property
    def number_display(self) -> str:
        return " ".join(self.number[i : i + 4] for i in range(0, len(self.number), 4))

    @property
    def is_debit_normal(self) -> bool:
        return self.kind in DEBIT_NORMAL

    def balance_at(self, when: datetime) -> int:
        """Minor units after the last entry posted at or before `when`: one probe of an index, whatever the history."""
        entry = self.entries.filter(posted_at__lte=when).order_by("-posted_at", "-seq").only("balance_after").first()
        return entry.balance_after if entry else 0


class Transfer(models.Model):
    """Made by `post` only. The id comes from the caller: it is the idempotency key."""

    id = models.UUIDField(primary_key=True)
    # No foreign keys in the database to what posting itself has proven: the trigger finds each account by key, the
    # reversal's trigger the transfer, and none of these rows can ever be deleted.
    debit_account = models.ForeignKey(
        Account, models.PROTECT, related_name="debits", db_constraint=False, db_index=False
    )
    credit_account = models.ForeignKey(
        Account, models.PROTECT, related_name="credits", db_constraint=False, db_index=False
    )
    amount = models.BigIntegerField(help_text="Minor units.")
    currency = models.CharField(max_length=3)
    kind = models.CharField(max_length=32)
    memo = models.CharField(max_length=200, blank=True)
    initiated_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", db_index=False
    )
    reverses = models.ForeignKey(
        "self", models.PROTECT, null=True, related_name="reversals", db_constraint=False, db_index=False
    )
    batch = models.UUIDField(null=True)
    fingerprint = models.GeneratedField(
        expression=Func(
            *(F(name) for name in ("id", "debit_account", "credit_account", "amount", "currency", "kind", "memo")),
            *(F(name) for name in ("initiated_by", "reverses", "batch")),
            function="ledger_fingerprint",
        ),
        output_field=models.BinaryField(),
        db_persist=True,
    )
    attempts = models.PositiveSmallIntegerField(db_default=1)
    waited_ms = models.PositiveIntegerField(db_default=0, help_text="Milliseconds slept between attempts.")
    posted_at = models.DateTimeField(db_default=Now(), db_index=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(amount__gt=0), name="amount_is_positive"),
            models.CheckConstraint(condition=~Q(debit_account=F("credit_account")), name="two_accounts_differ"),
            models.UniqueConstraint(fields=["reverses"], condition=Q(reverses__isnull=False), name="reversed_once"),
            *edges.TRANSFER,
        ]
        indexes = [models.Index(fields=["batch"], condition=Q(batch__isnull=False), name="transfer_batch")]

    def __str__(self) -> str:
        return self.reference

    @property
    def reference(self) -> str:
        """Forty bits of the id in Crockford's base 32, for people to read out: the same for both parties."""
        return references.of(self.id)

    ids_of_reference = staticmethod(references.ids)


class EntryQuerySet(models.QuerySet["Entry"]):
    def of(self, account: Account) -> Self:
        """The account's entries, newest first, with what a list shows of each transfer."""
        return (
            self.filter(account=account)
            .select_related("account", "transfer", "transfer__debit_account__owner", "transfer__credit_account__owner")
            .order_by("-seq")
        )


class Entry(models.Model):
    """One leg of a transfer on one account. The database writes them: ledger_post() in ledger/sql/0002_rules.sql."""

    # A foreign key to transfer costs a tenth of the throughput (docs/adr/0003-the-database-writes-entries.md), and a
    # trigger that nobody else can stand in for is the only writer.
    account = models.ForeignKey(Account, models.PROTECT, related_name="entries", db_constraint=False, db_index=False)
    seq = models.BigIntegerField()
    transfer = models.ForeignKey(Transfer, models.PROTECT, related_name="entries", db_constraint=False, db_index=False)
    side = models.CharField(max_length=6, choices=Side.choices)
    amount = models.BigIntegerField(help_text="Minor units.")
    balance_after = models.BigIntegerField(help_text="Minor units, on the account's normal side.")
    posted_at = models.DateTimeField()
    digest = models.BinaryField()

    objects: ClassVar[EntryQuerySet] = EntryQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        verbose_name_plural = "entries"
        constraints = [
            models.UniqueConstraint(fields=["account", "seq"], name="entry_seq_is_unique"),
            models.UniqueConstraint(fields=["transfer", "side"], name="one_entry_a_side"),
            models.CheckConstraint(condition=Q(side__in=Side.values), name="entry_side_is_known"),
            *edges.ENTRY,
        ]
        indexes = [models.Index(fields=["account", "posted_at", "seq"], name="entry_account_posted_at")]

    def __str__(self) -> str:
        return f"{self.get_side_display()} {self.amount}"

    @property
    def signed_amount(self) -> int:
        """Minor units: what this entry did to the account's balance."""
        rises = (self.side == Side.DEBIT) == self.account.is_debit_normal
        return self.amount if rises else -self.amount


class HotAccount(models.Model):
    """An account that cost somebody an attempt lately, so that every process queues for it: see ledger/lanes.py."""

    account = models.OneToOneField(Account, models.PROTECT, primary_key=True, related_name="+", db_constraint=False)
    wasted_attempts = models.BigIntegerField()
    queued_until = models.DateTimeField()

    class Meta:
        db_table = "ledger_hot_account"
        verbose_name = "hot account"
        constraints = edges.HOT_ACCOUNT

    def __str__(self) -> str:
        return f"account {self.account_id}"


class AccountChange(models.Model):
    """That an account's floor, status or name was changed, by whom and why: written by the database with each change.

    Append-only. `role` is the database role that made the change, `by` the person, where one was named.
    """

    account = models.ForeignKey(Account, models.PROTECT, related_name="changes")
    what = models.CharField(max_length=6)
    old = models.CharField(max_length=100, null=True)
    new = models.CharField(max_length=100, null=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", db_index=False)
    why = models.CharField(max_length=200, blank=True)
    role = models.CharField(max_length=63)
    at = models.DateTimeField()

    class Meta:
        db_table = "ledger_account_change"
        constraints = edges.ACCOUNT_CHANGE

    def __str__(self) -> str:
        return f"{self.what} of account {self.account_id}: {self.old} -> {self.new}"


# In a room of their own, and found by Django from here.
from ledger.log.models import LogCheckpoint, LogCosignature, LogLeaf, LogNode  # noqa: E402, F401
