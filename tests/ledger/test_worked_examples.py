"""Worked examples for an accountant: what happens, the entries it makes, and the trial balance after.

Amounts are in euros. Customers' wallets are liabilities of the bank, so a credit raises them. Read from top to bottom:
each example goes on from the one before.
"""

from textwrap import dedent
from uuid import uuid4

import pytest

from ledger import reports
from ledger.models import Account, Transfer
from ledger.posting import InsufficientFunds, Order, post, reverse
from tests.ledger.books import BOTH, user

pytestmark = pytest.mark.django_db(transaction=True, databases=BOTH)


def euros(amount: int) -> str:
    return f"{amount / 100:,.2f}"


def entries(*transfers: Transfer) -> str:
    """The journal: account, debit, credit, balance after."""
    lines = []
    for transfer in transfers:
        for entry in transfer.entries.select_related("account__owner").order_by("-side"):
            debit, credit = (euros(entry.amount), "") if entry.side == "debit" else ("", euros(entry.amount))
            lines.append(f"{title(entry.account):<12}{debit:>10}{credit:>10}{euros(entry.balance_after):>10}")
    return "\n".join(lines)


def title(account: Account) -> str:
    return account.owner.full_name if account.owner else account.name.capitalize()


def trial_balance() -> str:
    (report,) = reports.trial_balance()
    lines = [
        f"{line.kind:<10}{line.name.capitalize() or 'Customers':<12}{euros(line.debit):>10}{euros(line.credit):>10}"
        for line in report.lines
    ]
    return "\n".join([*lines, f"{'':<22}{euros(report.debit):>10}{euros(report.credit):>10}"])


def page(text: str) -> str:
    """A table as it stands below, without its margin and the blanks at its lines' ends."""
    return "\n".join(line.rstrip() for line in dedent(text).splitlines()).strip("\n")


def matches(actual: str, expected: str) -> None:
    assert page(actual) == page(expected)


def test_a_day_at_the_bank() -> None:
    ada, grace = (Account.objects.for_owner(user(name)) for name in ("adalove", "grace"))
    cash, fees, promotions = (Account.objects.system(name) for name in ("cash", "fees", "promotions"))

    def book(debit: Account, credit: Account, amount: int, kind: str) -> Order:
        return Order(id=uuid4(), debit=debit, credit=credit, amount=amount, kind=kind)

    # 1. Ada pays 500.00 in at the counter: the bank has more cash, and owes Ada more.
    (deposit,) = post([book(cash, ada, 500_00, "deposit")])
    matches(
        entries(deposit),
        """
        Cash            500.00              500.00
        Adalove                   500.00    500.00
        """,
    )
    matches(
        trial_balance(),
        """
        asset     Cash            500.00      0.00
        liability Customers         0.00    500.00
        income    Fees              0.00      0.00
        expense   Promotions        0.00      0.00
                                  500.00    500.00
        """,
    )

    # 2. Grace gets 100.00 as a welcome: an expense of the bank.
    (welcome,) = post([book(promotions, grace, 100_00, "demo")])
    matches(
        entries(welcome),
        """
        Promotions      100.00              100.00
        Grace                     100.00    100.00
        """,
    )

    # 3. Ada sends Grace 120.50 for a fee of 0.50: two transfers, linked, posted together or not at all.
    batch = uuid4()
    orders = [
        Order(id=uuid4(), debit=ada, credit=grace, amount=120_50, kind="payment", memo="rent", batch=batch),
        Order(id=uuid4(), debit=ada, credit=fees, amount=50, kind="fee", batch=batch),
    ]
    payment, fee = post(orders)
    matches(
        entries(payment, fee),
        """
        Adalove         120.50              379.50
        Grace                     120.50    220.50
        Adalove           0.50              379.00
        Fees                        0.50      0.50
        """,
    )
    matches(
        trial_balance(),
        """
        asset     Cash            500.00      0.00
        liability Customers         0.00    599.50
        income    Fees              0.00      0.50
        expense   Promotions      100.00      0.00
                                  600.00    600.00
        """,
    )

    # 4. Had Ada not had enough for the fee, there would be no payment either.
    with pytest.raises(InsufficientFunds):
        post([book(ada, grace, 379_00, "payment"), book(ada, fees, 50, "fee")])
    matches(
        entries(*Transfer.objects.filter(batch=batch).order_by("-amount")),
        """
        Adalove         120.50              379.50
        Grace                     120.50    220.50
        Adalove           0.50              379.00
        Fees                        0.50      0.50
        """,
    )

    # 5. The rent was sent by mistake. It is not undone but reversed: the mirror image, as a transfer of its own.
    reversal = reverse(payment, id=uuid4(), memo="sent by mistake")
    matches(
        entries(payment, reversal),
        """
        Adalove         120.50              379.50
        Grace                     120.50    220.50
        Grace           120.50              100.00
        Adalove                   120.50    499.50
        """,
    )

    # 6. Ada takes 499.50 out. What the bank owes is Grace's welcome; what it has is its fee.
    (withdrawal,) = post([book(ada, cash, 499_50, "withdrawal")])
    matches(
        entries(withdrawal),
        """
        Adalove         499.50                0.00
        Cash                      499.50      0.50
        """,
    )
    matches(
        trial_balance(),
        """
        asset     Cash              0.50      0.00
        liability Customers         0.00    100.00
        income    Fees              0.00      0.50
        expense   Promotions      100.00      0.00
                                  100.50    100.50
        """,
    )
