"""What a benchmark's processes do: post as fast as they can for some seconds, and say how it went."""

import random
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from uuid import uuid4

import django

django.setup()

from django.db import connections  # noqa: E402

from ledger import db, lanes  # noqa: E402
from ledger.db import SerializationExhausted  # noqa: E402
from ledger.posting import Order, post  # noqa: E402

ACCOUNTS = 10_000  # with ids from 1 on


@dataclass
class Tally:
    transfers: int = 0
    lost: int = 0
    wasted: float = 0
    cpu_seconds: float = 0  # of this process: Python's share
    milliseconds: list[float] = field(default_factory=list)


@dataclass(frozen=True)
class Job:
    """`size` orders at once, on random accounts; all into the account `hot` when there is one."""

    database: str
    seconds: float
    start: float  # time.monotonic(), which all processes share
    size: int = 1
    threads: int = 1
    hot: int | None = None


def run(job: Job) -> Tally:
    for alias in ("default", "serializable"):
        connections[alias].close()
        connections[alias].settings_dict["NAME"] = job.database
    lanes._known, lanes._known_until = frozenset(), 0.0
    tally, before, cpu = Tally(), wasted(), time.process_time()
    threads = [threading.Thread(target=write, args=(job, tally)) for _ in range(job.threads)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    tally.wasted, tally.cpu_seconds = wasted() - before, time.process_time() - cpu
    return tally


def write(job: Job, tally: Tally) -> None:
    orders = hot_orders(job) if job.hot else random_orders(job)
    connections["default"].ensure_connection()
    connections["serializable"].ensure_connection()
    time.sleep(max(0.0, job.start - time.monotonic()))
    while (began := time.monotonic()) < job.start + job.seconds:
        try:
            posted = len(post(orders()))
            tally.transfers += posted
        except SerializationExhausted:
            tally.lost += 1
        tally.milliseconds.append((time.monotonic() - began) * 1000)
    connections.close_all()


def random_orders(job: Job) -> Callable[[], list[Order]]:
    def orders() -> list[Order]:
        pairs = (random.sample(range(1, ACCOUNTS + 1), 2) for _ in range(job.size))
        return [Order(id=uuid4(), debit=debit, credit=credit, amount=1, kind="payment") for debit, credit in pairs]

    return orders


def hot_orders(job: Job) -> Callable[[], list[Order]]:
    def orders() -> list[Order]:
        payer = random.randrange(1, ACCOUNTS)  # the last one is the hot one
        return [Order(id=uuid4(), debit=payer, credit=job.hot or 0, amount=1, kind="payment")]

    return orders


def wasted() -> float:
    return sum(float(db.retries.labels(state)._value.get()) for state in db.RETRIED)
