"""How long a sign-in takes for a known and for an unknown user: nobody should learn from it who is a customer.

Both pages together, a wrong password each time, interleaved, at the cost that production uses. Each request comes from
a user and a network of its own, so that no lock and no limit is met; a second pair meets locks on purpose.
"""

import statistics
import time
from typing import Any

TIMES = 100
CLOSE = 0.05  # medians this near to each other cannot be told apart over a network
LOCKED = 5  # tries that bring a lock


def measure() -> dict[str, Any]:
    """Medians in milliseconds, by who signed in. Django is set up and the database migrated by the caller."""
    from accounts.credentials import hashing
    from accounts.credentials.hashing import Kind
    from accounts.models import User

    encoded = hashing.make(Kind.PASSWORD, hashing.NOBODY, "nobody's password")
    User.objects.bulk_create(
        User(email=f"known{number}@example.com", full_name="Known", handle=f"known{number}", password=encoded,
             handle_skeleton=f"known{number}")
        for number in range(TIMES + 1)
    )  # fmt: skip
    for email in ("known100@example.com", "unknown100@example.com"):
        for _ in range(LOCKED):
            sign_in(email, 200)
    taken: dict[str, list[float]] = {"known": [], "unknown": [], "known, locked": [], "unknown, locked": []}
    for number in range(TIMES):
        taken["known"].append(sign_in(f"known{number}@example.com", number))
        taken["unknown"].append(sign_in(f"unknown{number}@example.com", number))
        taken["known, locked"].append(sign_in("known100@example.com", number))
        taken["unknown, locked"].append(sign_in("unknown100@example.com", number))
    medians = {name: statistics.median(times) * 1000 for name, times in taken.items()}
    spread = max(medians.values()) / min(medians.values()) - 1
    return {"median_ms": medians, "spread": spread, "close": spread <= CLOSE}


def sign_in(email: str, number: int) -> float:
    """Seconds for both pages, in a fresh browser."""
    from django.test import Client

    client = Client(REMOTE_ADDR=f"10.0.{number // 250}.{number % 250}", HTTP_HOST="localhost")
    start = time.perf_counter()
    first = client.post("/login/", {"email": email, "password": "a wrong horse battery"})
    last = client.post("/login/code/", {"code": "123456"})
    assert (first.status_code, last.status_code) == (302, 200)
    return time.perf_counter() - start


def table(figures: dict[str, Any]) -> str:
    lines = [f"sign-in, {name:<35}{median:>10.1f} ms" for name, median in figures["median_ms"].items()]
    verdict = "within" if figures["close"] else "NOT within"
    return "\n".join([*lines, f"their medians are {verdict} {CLOSE:.0%} of each other: {figures['spread']:.1%}"])
