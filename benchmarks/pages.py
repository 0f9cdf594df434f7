"""Whether pages are as fast for a customer of ten years as for one of this week: both asked in turn, by page.

A figure is the ratio of the two medians, of one run: 1.2 at most is wanted.
"""

import statistics
import time
import uuid
from datetime import timedelta
from typing import Any

FEW, MANY = 25, 100_000  # entries: with both a page of lines is full, so that as much is drawn
ROUNDS, WARM = 40, 5
WANTED = 1.2
BATCH = 1_000  # payments a day


def measure() -> dict[str, float]:
    """The ratio by page. Django is set up and the database migrated by the caller."""
    young, old = customer("young", FEW), customer("old", MANY)
    return {name: ratio(young[1], young[0][name], old[1], old[0][name]) for name in young[0]}


def customer(name: str, entries: int) -> tuple[dict[str, str], Any]:
    """The addresses of their pages, and a browser of theirs in which balances are shown."""
    from django.db import connection
    from django.utils import timezone

    from ledger.models import Account, Entry
    from payments.models import Payee
    from statements import searched
    from statements.making import make_requested
    from tests import people

    user, friend = (people.make_customer(f"{name}_{who}", f"{name} {who}".title()) for who in ("payer", "friend"))
    wallet, theirs = Account.objects.for_owner(user), Account.objects.for_owner(friend)
    post_history(wallet, theirs, entries)
    searched._do(searched.BEGIN, [[wallet.pk]])
    while searched.take_over([wallet.pk]):
        pass
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    Payee.objects.paid(user.pk, friend, timezone.now())
    payee, latest = Payee.objects.get(owner=user), Entry.objects.of(wallet).filter(side="debit")[0]
    statement = make_requested(wallet, timezone.localdate() - timedelta(days=300), timezone.localdate())
    browser = people.sign_in(user)
    people.reveal(browser)
    check = browser.post(f"/send/?to=@{friend.handle}", {"amount": "1", "note": ""})["Location"]
    return {
        "wallet": "/wallet/",
        "wallet, while it is open": "/wallet/latest/",
        "activity": "/activity/",
        "activity, a word": f"/activity/?q={NEEDLE}",
        "activity, an amount": "/activity/?min=77.77&max=77.77",
        "activity, a month": f"/activity/?month={latest.posted_at:%Y-%m}",
        "one payment": f"/activity/{latest.transfer_id}/",
        "tags": "/activity/tags/",
        "statements": "/statements/",
        "a statement": f"/statements/{statement.id}/",
        "notices": "/notices/",
        "send": "/send/",
        "check": check,
        "payees": "/payees/",
        "a payee": f"/payees/{payee.pk}/",
    }, browser


NEEDLE = "needle"


def post_history(wallet: Any, theirs: Any, entries: int) -> None:
    """`entries` in all, up to yesterday, the rare one among the first."""
    from django.utils import timezone

    from ledger.models import Account
    from ledger.posting import Order, post

    days = -(-entries // BATCH)
    start = timezone.now() - timedelta(days=days + 1)
    outside = Account.objects.system("suspense" if entries == MANY else "settlement")
    post([Order(id=uuid.uuid4(), debit=outside, credit=wallet, amount=10**10, kind="deposit")], at=start)
    rare = Order(id=uuid.uuid4(), debit=wallet, credit=theirs, amount=77_77, kind="payment", memo=NEEDLE)
    post([rare], at=start)
    for day in range(days):
        numbers = range(BATCH * day, min(BATCH * (day + 1), entries - 2))
        orders = [
            Order(id=uuid.uuid4(), debit=wallet, credit=theirs, amount=n % 1_000 + 1, kind="payment", memo=f"Rent {n}")
            for n in numbers
        ]
        post(orders, at=start + timedelta(days=day + 1))


def ratio(young: Any, address: str, old: Any, long_address: str) -> float:
    taken: tuple[list[float], list[float]] = ([], [])
    for number in range(WARM + ROUNDS):
        for browser, asked, times in ((young, address, taken[0]), (old, long_address, taken[1])):
            start = time.perf_counter()
            answer = browser.get(asked)
            if number >= WARM:
                times.append(time.perf_counter() - start)
            assert answer.status_code == 200, asked
    return statistics.median(taken[1]) / statistics.median(taken[0])


def table(figures: dict[str, float]) -> str:
    lines = [
        f"{name:<44}{figure:>12.2f}{'' if figure <= WANTED else '   TOO MUCH'}" for name, figure in figures.items()
    ]
    return "\n".join([f"pages, {MANY:,} entries to {FEW} (at most {WANTED} wanted)", *lines])
