"""The worker: does what is due, again and again, until it is told to stop."""

import signal
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import structlog
from django.db import connections

log = structlog.get_logger(__name__)

IDLE_SECONDS = 1.0  # between two looks when nothing was due
FIRST_REST, LONGEST_REST = 1.0, 60.0  # seconds that a job which failed is left alone; doubles with each failure

# Does one small part of what is due, in transactions of its own, and says how much: 0 when nothing is.
Job = Callable[[], int]


@dataclass
class Station:
    """One job, and how it has been doing."""

    name: str
    job: Job
    failures: int = 0
    rests_until: float = 0.0

    def work(self) -> int:
        """A failure is logged, and keeps only this job waiting."""
        if time.monotonic() < self.rests_until:
            return 0
        try:
            done = self.job()
        except Exception:
            self.failures += 1
            rest = min(FIRST_REST * 2 ** (self.failures - 1), LONGEST_REST)
            self.rests_until = time.monotonic() + rest
            log.exception("job_failed", job=self.name, failures=self.failures, again_in=rest)
            connections.close_all()  # whatever is wrong with them, the next try has new ones
            return 0
        self.failures = 0
        return done


@dataclass
class Worker:
    """Each station in a thread of its own: one that waits, for a mail server that hangs, keeps no other waiting.

    What it holds when it is told to stop it finishes first.
    """

    stations: Sequence[Station]
    told_to_stop: threading.Event = field(default_factory=threading.Event)

    def run(self) -> None:
        threads = [threading.Thread(target=self.keep_at, args=(station,)) for station in self.stations]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    def keep_at(self, station: Station) -> None:
        try:
            while not self.told_to_stop.is_set():
                if not station.work():
                    self.told_to_stop.wait(IDLE_SECONDS)
        finally:
            self.told_to_stop.set()  # whatever ended this one, a worker with a part missing would go unnoticed
            connections.close_all()

    def round(self) -> int:
        """Each station once, in turn; how much was done."""
        done = 0
        for station in self.stations:
            if not self.told_to_stop.is_set():
                done += station.work()
        return done

    def stop_on_signals(self) -> None:
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: self.told_to_stop.set())
