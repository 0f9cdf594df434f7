"""The worker: its jobs do not wait for each other, a failure keeps one waiting, and SIGTERM ends it in order."""

import threading
from collections.abc import Callable

import pytest

from work import loop
from work.loop import Station, Worker


def run(worker: Worker) -> threading.Thread:
    thread = threading.Thread(target=worker.run)
    thread.start()
    return thread


def stop(worker: Worker, thread: threading.Thread) -> None:
    worker.told_to_stop.set()
    thread.join(10)
    assert not thread.is_alive()


def test_a_job_that_hangs_keeps_no_other_waiting() -> None:
    let_go, done = threading.Event(), threading.Event()

    def hangs() -> int:
        let_go.wait(10)
        return 0

    def works() -> int:
        done.set()
        return 0

    worker = Worker([Station("hangs", hangs), Station("works", works)])
    thread = run(worker)
    try:
        assert done.wait(5)
    finally:
        let_go.set()
        stop(worker, thread)


def test_what_it_holds_when_told_to_stop_it_finishes() -> None:
    began, let_go, ended = threading.Event(), threading.Event(), []

    def slow() -> int:
        began.set()
        let_go.wait(10)
        ended.append(1)
        return 1

    worker = Worker([Station("slow", slow)])
    thread = run(worker)
    began.wait(5)
    worker.told_to_stop.set()
    let_go.set()
    stop(worker, thread)
    assert ended == [1]


def failing_after(good: int) -> Callable[[], int]:
    runs = iter(range(100))

    def job() -> int:
        if next(runs) >= good:
            raise OSError
        return 1

    return job


def test_a_failure_rests_its_job_alone_and_longer_each_time(monkeypatch: pytest.MonkeyPatch) -> None:
    now = 1000.0
    monkeypatch.setattr(loop.time, "monotonic", lambda: now)
    monkeypatch.setattr(loop.connections, "close_all", lambda: None)
    broken, fine = Station("broken", failing_after(1)), Station("fine", lambda: 1)
    worker = Worker([broken, fine])
    assert [worker.round() for _ in range(3)] == [2, 1, 1]
    assert (broken.failures, broken.rests_until) == (1, 1001.0)
    now = 1001.0
    worker.round()
    assert (broken.failures, broken.rests_until) == (2, 1003.0)


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_a_part_that_ends_ends_the_worker() -> None:
    """Otherwise it would look alive with a part missing."""

    def leaves() -> int:
        raise SystemExit

    worker = Worker([Station("leaves", leaves), Station("works", lambda: 0)])
    thread = run(worker)
    thread.join(10)
    assert not thread.is_alive()
