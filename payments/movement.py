"""What the gate is asked to move: which orders, for whom, proven how, and what follows from it."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol
from uuid import UUID

from accounts.models import User
from ledger.models import Account, Transfer
from ledger.orders import Order
from notices.outbox import Word


class Leaving(Protocol):
    """Money on its way out of a wallet, as whoever asks for it wrote it down: a draft, for one. In minor units."""

    id: UUID
    payer_account: Account
    payee_account: Account
    amount: int


@dataclass(frozen=True)
class Movement:
    """Proven, and about to be posted: all its orders or none.

    The first order takes the money out of the payer's wallet; its id tells whether the movement was made. What is
    noted and told follows in the same transaction.
    """

    leaving: Leaving
    payer: User  # as they were found when it was proven, with the stamp of the secrets of then
    orders: tuple[Order, ...]
    session: UUID | None = None  # the id of the session's row; None outside a request
    by_pin_alone: bool = False
    payee: User | None = None  # to be known as paid, among the payer's payees
    words: tuple[Word, ...] = ()
    rules: tuple["Rule", ...] = field(default=())  # of its own, after those of every movement

    @property
    def accounts(self) -> list[int]:
        return sorted({account for order in self.orders for account in (order.debit_id, order.credit_id)})

    @property
    def is_made(self) -> bool:
        """Reads the database each time."""
        first = self.orders[0]
        made = Transfer.objects.filter(
            id=first.id, debit_account=first.debit_id, credit_account=first.credit_id, amount=first.amount
        )
        return made.exists()


# Raises its own refusal: a `Refused`.
Rule = Callable[[Movement], None]


class Refused(Exception):
    """A rule's refusal: nothing was written. What it says is for the customer."""
