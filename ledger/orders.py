"""What post() is asked for, and the ways in which it says no."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.conf import settings
from django.db import IntegrityError

from ledger.encoding import transfer_fingerprint
from ledger.models import Account, Transfer

if TYPE_CHECKING:
    from django.contrib.auth.base_user import AbstractBaseUser

LARGEST = 2**63 - 1  # minor units: what a bigint holds


class LedgerError(Exception):
    """A refusal. `order` is the one at fault; nothing was written."""

    def __init__(self, order: Order) -> None:
        super().__init__(f"{type(self).__name__}: order {order.id}")
        self.order = order


class InsufficientFunds(LedgerError): ...


class AccountNotOpen(LedgerError): ...


class CurrencyMismatch(LedgerError): ...


class NoSuchAccount(LedgerError): ...


class AmountTooLarge(LedgerError):
    """The balance would not fit into 64 bits."""


class OutOfOrder(LedgerError):
    """post(at=) named a time before an entry that is already in the account."""


class AlreadyReversed(LedgerError): ...


class NoSuchTransfer(LedgerError):
    """The transfer to reverse is not in the books, or the reversal is not its mirror image."""


class IdempotencyConflict(LedgerError):
    """The id is in the books already, with another content."""


class RefusedByTheBooks(LedgerError, IntegrityError):
    """A rule of the database's that has no class of its own here; what it says is in the message."""

    def __init__(self, order: Order, refusal: Exception) -> None:
        super().__init__(order)
        self.args = (f"{self.args[0]}: {refusal}",)


def key_of(value: Any) -> Any:
    return getattr(value, "pk", value)


@dataclass(frozen=True, slots=True)
class Order:
    """What is asked for: `amount` minor units from one account to another. ValueError when it makes no sense.

    `id` is random and made before any retry: the same id and content again is the same transfer.
    """

    id: UUID
    debit: Account | int
    credit: Account | int
    amount: int
    kind: str
    memo: str = ""
    initiated_by: AbstractBaseUser | UUID | None = None
    reverses: Transfer | UUID | None = None
    batch: UUID | None = None
    currency: str | None = None

    def __post_init__(self) -> None:
        if type(self.amount) is not int or not 0 < self.amount <= LARGEST:
            raise ValueError(f"an amount is a positive integer in minor units, not {self.amount!r}")
        if self.debit_id == self.credit_id:
            raise ValueError("an account cannot pay itself")
        if "\0" in self.memo or "\0" in self.kind:
            raise ValueError("a text cannot hold NUL")

    @property
    def debit_id(self) -> int:
        return int(key_of(self.debit))

    @property
    def credit_id(self) -> int:
        return int(key_of(self.credit))

    def values(self) -> dict[str, Any]:
        """The transfer's columns, as far as they are the caller's."""
        return {
            "id": self.id,
            "debit_account_id": self.debit_id,
            "credit_account_id": self.credit_id,
            "amount": self.amount,
            "currency": self.currency or settings.CURRENCY,
            "kind": self.kind,
            "memo": self.memo,
            "initiated_by_id": key_of(self.initiated_by),
            "reverses_id": key_of(self.reverses),
            "batch": self.batch,
        }

    def fingerprint(self) -> bytes:
        return transfer_fingerprint(
            **{name.removesuffix("_id").removesuffix("_account"): v for name, v in self.values().items()}
        )
