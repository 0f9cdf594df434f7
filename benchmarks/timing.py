"""Whether a stopwatch tells apart what pages must not: two kinds of request, interleaved, 200 pairs.

The figure is the area under the ROC curve: how often one of the first kind is slower than one of the second. 0.5 is no
better than a coin; between 0.45 and 0.55 nothing is learnt from a request. Each comes from a user and a network of its
own, at the cost that production uses, so that no lock and no limit is met.
"""

import time
from collections.abc import Callable
from typing import Any

PAIRS = 200
CLOSE = (0.45, 0.55)
RIGHT, WRONG = "correct horse battery", "a wrong horse battery"


def measure() -> dict[str, float]:
    """The area by what is told apart. Django is set up and the database migrated by the caller."""
    from django.conf import settings

    settings.EMAIL_BACKEND = "django.core.mail.backends.dummy.EmailBackend"
    make_people()
    kinds: dict[str, tuple[Callable[[int], float], Callable[[int], float]]] = {
        "sign-in page, known or not": (
            lambda n: first_page(f"timed{n}@example.com", WRONG, n),
            lambda n: first_page(f"nobody{n}@example.com", WRONG, n),
        ),
        "sign-in page, right password or not": (
            lambda n: first_page(f"timed{n}@example.com", RIGHT, n + 500),
            lambda n: first_page(f"timed{n}@example.com", WRONG, n + 1000),
        ),
        "code page, right password or not": (
            lambda n: code_page(f"timed{n}@example.com", RIGHT, n + 1500),
            lambda n: code_page(f"timed{n}@example.com", WRONG, n + 2000),
        ),
        "forgotten password, known or not": (
            lambda n: mailed("/recover/", f"timed{n}@example.com", n + 2500),
            lambda n: mailed("/recover/", f"nobody{n}@example.com", n + 3000),
        ),
        "registration, known or not": (
            lambda n: mailed("/register/", f"timed{n}@example.com", n + 3500),
            lambda n: mailed("/register/", f"nobody{n}@example.com", n + 4000),
        ),
    }
    return {name: area(*kind) for name, kind in kinds.items()}


def make_people() -> None:
    from django.utils import timezone

    from accounts.credentials import totp
    from accounts.models import Authenticator, User

    for number in range(PAIRS + 10):
        user = User(email=f"timed{number}@example.com", full_name="Timed", handle=f"timed{number}")
        user.set_password(RIGHT)
        user.enrolled_at = user.recovery_saved_at = timezone.now()
        user.save()
        device = Authenticator(user=user, name="authenticator", confirmed=True)
        device.seal(totp.new_seed())
        device.save()


def area(one: Callable[[int], float], other: Callable[[int], float]) -> float:
    """Of all pairs of one and another, in how many the first took longer; a draw counts half."""
    for number in range(PAIRS, PAIRS + 10):  # warm
        one(number), other(number)
    ones, others = [], []
    for number in range(PAIRS):
        first, second = (one, other) if number % 2 else (other, one)
        taken = first(number), second(number)
        ones.append(taken[0] if number % 2 else taken[1])
        others.append(taken[1] if number % 2 else taken[0])
    return sum((a > b) + (a == b) / 2 for a in ones for b in others) / PAIRS**2


def client(number: int) -> Any:
    from django.test import Client

    return Client(REMOTE_ADDR=f"10.{number // 62500}.{number // 250 % 250}.{number % 250}", HTTP_HOST="localhost")


def timed(visitor: Any, address: str, form: dict[str, str]) -> float:
    start = time.perf_counter()
    visitor.post(address, form)
    return time.perf_counter() - start


def first_page(email: str, password: str, number: int) -> float:
    return timed(client(number), "/login/", {"email": email, "password": password})


def code_page(email: str, password: str, number: int) -> float:
    visitor = client(number)
    visitor.post("/login/", {"email": email, "password": password})
    return timed(visitor, "/login/code/", {"code": "123456"})


def mailed(address: str, email: str, number: int) -> float:
    return timed(client(number), address, {"email": email})


def table(figures: dict[str, float]) -> str:
    low, high = CLOSE
    lines = [
        f"{name:<44}{figure:>12.3f}{'' if low <= figure <= high else '   NOT within'}"
        for name, figure in figures.items()
    ]
    return "\n".join([f"told apart by time (0.5: not at all; {low} to {high} wanted)", *lines])
