"""Customers' money leaves by one gate: nothing else posts a customer's order, by whichever way it is called."""

import ast
from collections.abc import Iterator

import pytest
from django.conf import settings

from accounts.models import User
from ledger.models import Transfer
from ledger.orders import InsufficientFunds
from payments import rules
from payments.gate import confirm
from payments.models import Payment
from payments.movement import Movement
from tests import people

APPS = ("accounts", "notices", "statements", "payments")
POSTING = {"post", "reverse"}
# The gate, and what debits an account of the bank's own.
MAY_POST = {"payments/gate.py": ["post"], "payments/demo_money.py": ["post"]}


def calls(source: str) -> list[str]:
    """The functions of ledger.posting that are called or handed on, under whatever name they were imported."""
    tree = ast.parse(source)
    names, modules = {}, set()
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module == "ledger.posting":
            names |= {alias.asname or alias.name: alias.name for alias in node.names if alias.name in POSTING}
        elif isinstance(node, ast.ImportFrom) and node.module == "ledger":
            modules |= {alias.asname or alias.name for alias in node.names if alias.name == "posting"}
        elif isinstance(node, ast.Import):
            modules |= {alias.asname or "ledger" for alias in node.names if alias.name == "ledger.posting"}
    found = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Name) and node.id in names:
            found.append(names[node.id])
        elif (
            isinstance(node, ast.Attribute)
            and node.attr in POSTING
            and ast.unparse(node.value).split(".")[0] in modules
        ):
            found.append(node.attr)
    return found


def sources() -> Iterator[tuple[str, str]]:
    for app in APPS:
        for path in sorted((settings.BASE_DIR / app).rglob("*.py")):
            yield str(path.relative_to(settings.BASE_DIR)), path.read_text()


def test_nothing_but_the_gate_posts_for_a_customer() -> None:
    assert {path: found for path, source in sources() if (found := calls(source))} == MAY_POST


@pytest.mark.parametrize(
    "source",
    [
        "from ledger.posting import post\npost([])",
        "from ledger.posting import post as send\nwork = send",
        "from ledger import posting\nposting.post([])",
        "from ledger import posting as books\nbooks.reverse(1)",
        "import ledger.posting\nledger.posting.post([])",
        "import ledger.posting as books\nbooks.post([])",
        "def f():\n    from ledger.posting import reverse\n    return reverse(1)",
    ],
)
def test_every_way_to_call_it_is_seen(source: str) -> None:
    assert len(calls(source)) == 1


def test_nobody_goes_by_a_name_in_a_string() -> None:
    by_name = [path for path, source in sources() if "ledger.posting" in source and "import_string" in source]
    assert by_name == []


@pytest.mark.django_db(transaction=True, databases=["default", "serializable"])
class TestTheRules:
    def test_they_are_asked_before_anything_is_written(
        self, ada: User, grace: User, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        people.fund(ada, 10_00)
        payment = Payment.objects.draft(payer=ada, payee=grace, amount=1_00, note="")
        seen: list[bool] = []
        monkeypatch.setattr(
            rules, "RULES", (lambda movement: seen.append(Transfer.objects.filter(id=payment.id).exists()),)
        )
        confirm(payment=payment, payer=ada, pin=people.PAYMENT_PIN)
        assert seen == [False] and payment.transfer is not None

    def test_each_is_asked_and_a_refusal_writes_nothing(
        self, ada: User, grace: User, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        people.fund(ada, 10_00)
        payment = Payment.objects.draft(payer=ada, payee=grace, amount=1_00, note="")

        def refuse(movement: Movement) -> None:
            raise rules.CodeNeeded

        monkeypatch.setattr(rules, "RULES", (*rules.RULES, refuse))
        with pytest.raises(rules.CodeNeeded):
            confirm(payment=payment, payer=ada, pin=people.PAYMENT_PIN)
        assert payment.transfer is None and people.balance(ada) == 10_00

    def test_the_books_own_come_first(self, ada: User, grace: User, monkeypatch: pytest.MonkeyPatch) -> None:
        payment = Payment.objects.draft(payer=ada, payee=grace, amount=1_00, note="")
        monkeypatch.setattr(rules, "RULES", (lambda movement: pytest.fail("asked of a wallet without money"),))
        with pytest.raises(InsufficientFunds):
            confirm(payment=payment, payer=ada, pin=people.PAYMENT_PIN)
