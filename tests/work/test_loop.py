"""The worker's loop: each job in turn, a failing one alone is left to rest."""

import time

from work.loop import Station, Worker


def test_each_job_has_its_turn_and_a_failure_keeps_only_its_own_waiting() -> None:
    done: list[str] = []

    def fails() -> int:
        done.append("fails")
        raise ValueError("out of order")

    worker = Worker([Station("fails", fails), Station("works", lambda: done.append("works") or 1)])
    assert [worker.round() for _ in range(3)] == [1, 1, 1]
    assert done == ["fails", "works", "works", "works"]


def test_a_job_that_works_again_is_forgiven() -> None:
    answers = iter([ValueError("once"), 3])

    def job() -> int:
        answer = next(answers)
        if isinstance(answer, Exception):
            raise answer
        return answer

    station = Station("recovers", job)
    assert station.work() == 0 and station.failures == 1 and station.rests_until > time.monotonic()
    station.rests_until = 0.0
    assert station.work() == 3 and station.failures == 0


def test_it_takes_up_nothing_more_once_it_is_told_to_stop() -> None:
    done: list[str] = []
    worker = Worker([])

    def first() -> int:
        done.append("first")
        worker.told_to_stop.set()
        return 1

    worker.stations = [Station("first", first), Station("second", lambda: done.append("second") or 1)]
    worker.run()
    assert done == ["first"]
