"""Jobs in as many threads, at the same moment."""

import threading
from collections.abc import Callable, Iterable, Sequence
from typing import TypeVar

from django.db import connections

T = TypeVar("T")
SECONDS = 120  # after which one that hangs is given up: its result says so


def run_together(jobs: Sequence[Callable[[], T]], *, connected: Iterable[str] = ()) -> list[T | BaseException]:
    """What each returned or raised, in their order. `connected` are the databases that each has reached before all start."""
    barrier = threading.Barrier(len(jobs))
    results: list[T | BaseException] = [RuntimeError("did not finish")] * len(jobs)

    def run(place: int) -> None:
        try:
            for alias in connected:
                connections[alias].ensure_connection()
            barrier.wait(60)
            results[place] = jobs[place]()
        except BaseException as failure:
            results[place] = failure
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=(place,)) for place in range(len(jobs))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(SECONDS)
    return results
