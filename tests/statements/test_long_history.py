"""A customer with 100,000 entries: each page asks as few questions as with ten, and each question goes by an index."""

import json
import math
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import User
from ledger import lanes
from ledger.models import Account, Entry
from payments.models import Payee
from statements import months, search, searched, sums
from statements.search import Filter
from tests import people
from tests.statements.history import long, pay

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "serializable"])
MANY = 100_000
GREAT = {"statements_searched_line", "ledger_entry", "ledger_transfer"}


def nodes(plan: dict[str, Any]) -> list[dict[str, Any]]:
    return [plan, *(inner for child in plan.get("Plans", []) for inner in nodes(child))]


def explained(account: Account, wanted: Filter) -> list[dict[str, Any]]:
    """What PostgreSQL does, and really did, to find the first page."""
    statement, params = wanted.query(account, before=None, limit=21)
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(search.BY_INDEX)
        cursor.execute(f"EXPLAIN (ANALYZE, FORMAT JSON) {statement}", params)
        found = cursor.fetchone()[0]
    return nodes((json.loads(found) if isinstance(found, str) else found)[0]["Plan"])


def pages(client: Client, user: User) -> dict[str, int]:
    """The number of queries of each page, revealed."""
    people.reveal(client)
    latest = Entry.objects.of(Account.objects.for_owner(user)).filter(side="debit")[0]
    payee = Payee.objects.get(owner=user)
    draft = client.post(f"/send/?to=@{payee.person.handle}", {"amount": "1", "note": ""})["Location"]
    addresses = {
        "wallet": "/wallet/",
        "activity": "/activity/",
        "older": "/activity/?before=9",
        "words": "/activity/?q=needle",
        "amounts": "/activity/?min=2&max=4",
        "month": f"/activity/?month={latest.posted_at:%Y-%m}&direction=out&kind=payment",
        "line": f"/activity/{latest.transfer_id}/",
        "tags": "/activity/tags/",
        "send": "/send/",
        "send to": f"/send/?to=@{payee.person.handle}",
        "check": draft,
        "payees": "/payees/?q=a",
        "payee": f"/payees/{payee.pk}/",
    }
    counts = {}
    for name, address in addresses.items():
        client.get(address)
        with CaptureQueriesContext(connection) as queries:
            assert client.get(address).status_code == 200
        counts[name] = len(queries)
    return counts


def test_100_000_entries_are_as_few_questions_as_ten_and_each_goes_by_an_index(
    ada: User, grace: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        lanes, "_known_until", math.inf
    )  # which accounts queue is asked once a second, by whoever comes
    hers, his = Account.objects.for_owner(ada), Account.objects.for_owner(grace)
    bob, carol = people.make_customer("bob", "Bob Long"), people.make_customer("carol", "Carol Long")
    theirs, others = Account.objects.for_owner(bob), Account.objects.for_owner(carol)
    dave = people.make_customer("dave", "Dave Long")
    now = timezone.now()
    long(hers, [his], 10, end=now - timedelta(days=300))
    pay(hers, his, 3_00, memo="The needle", at=now - timedelta(days=299))
    long(theirs, [others], MANY // 2, end=now - timedelta(days=200))
    needle = pay(theirs, others, 77_77, memo="The needle", at=now - timedelta(days=199))
    outside = Account.objects.system("settlement")
    salary = pay(outside, theirs, 5_00, kind="salary", at=now - timedelta(days=198))
    # Another customer's history holds the same words many times over.
    daves = Account.objects.for_owner(dave)
    long(daves, [his], 3_000, end=now - timedelta(days=180), memo="A needle of many")
    long(theirs, [others], MANY // 2, end=now - timedelta(days=1))
    wallets = [account.pk for account in (hers, theirs, daves)]
    searched._do(searched.BEGIN, [wallets])
    while searched.take_over(wallets):
        pass
    for account in (hers, theirs):
        account.refresh_from_db()
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE ledger_entry, ledger_transfer, ledger_account, statements_searched_line")
    Payee.objects.paid(ada.pk, grace, now)
    Payee.objects.paid(bob.pk, carol, now)

    begin = months.begin((now - timedelta(days=199)).date())
    sought = {
        "a word": (Filter(words=("needle",)), needle),
        "two words": (Filter(words=("carol", "needle")), needle),
        "an amount": (Filter(least=77_77, most=77_77), needle),
        "a kind": (Filter(kind="salary"), salary),
        "a day": (Filter(begin=begin, end=begin + timedelta(days=1)), needle),
        "the other side": (Filter(other=outside.pk, kind="salary"), salary),
    }
    for name, (wanted, transfer) in sought.items():
        assert wanted.page(theirs).lines[0].entry.transfer_id == transfer, name
        steps = explained(theirs, wanted)
        whole = [step["Relation Name"] for step in steps if step["Node Type"] == "Seq Scan"]
        assert not GREAT & set(whole), name
        if name != "a day":
            looked_at = [
                (step["Actual Rows"] + step.get("Rows Removed by Filter", 0)) * step["Actual Loops"]
                for step in steps
                if "Scan" in step["Node Type"]
            ]
            assert max(looked_at) <= 2_000, (name, looked_at)
    assert "line_text" in {step.get("Index Name") for step in explained(theirs, Filter(words=("needle",)))}
    # Sums of all that time, too.
    assert sum(found.came_in for found in sums.between(theirs, [now - timedelta(days=1000), now])) == 100_000_000 + 5_00

    assert pages(people.sign_in(bob), bob) == pages(people.sign_in(ada), ada)
