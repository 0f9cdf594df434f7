"""What the books say in sum."""

from dataclasses import dataclass

from django.db import connections


@dataclass(frozen=True, slots=True)
class TrialBalanceLine:
    """One currency's accounts of one kind and name; customers' wallets have no name and are one line. Minor units."""

    currency: str
    kind: str
    name: str
    accounts: int
    debit: int
    credit: int


@dataclass(frozen=True, slots=True)
class TrialBalance:
    """`debit` and `credit` are equal, or the books are wrong. Minor units."""

    currency: str
    lines: tuple[TrialBalanceLine, ...]
    debit: int
    credit: int


LINES = """
SELECT currency, kind, CASE WHEN owner_id IS NULL THEN name ELSE '' END AS name, count(*),
  sum(greatest(debit, 0)), sum(greatest(-debit, 0))
FROM (
  SELECT *, CASE WHEN kind IN ('asset', 'expense') THEN balance::numeric ELSE -balance::numeric END AS debit
  FROM ONLY public.ledger_account
) AS signed
GROUP BY currency, kind, CASE WHEN owner_id IS NULL THEN name ELSE '' END
ORDER BY currency, array_position(ARRAY['asset', 'liability', 'equity', 'income', 'expense'], kind::text), name"""


def trial_balance() -> list[TrialBalance]:
    """One a currency, in alphabetical order. Each account stands on the side its balance is on."""
    with connections["default"].cursor() as cursor:
        cursor.execute(LINES)
        lines = [
            TrialBalanceLine(currency, kind, name, accounts, int(debit), int(credit))
            for currency, kind, name, accounts, debit, credit in cursor.fetchall()
        ]
    result = []
    for currency in dict.fromkeys(line.currency for line in lines):
        own = tuple(line for line in lines if line.currency == currency)
        result.append(TrialBalance(currency, own, sum(line.debit for line in own), sum(line.credit for line in own)))
    return result
