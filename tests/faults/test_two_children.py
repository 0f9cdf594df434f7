"""The web server and the worker stand and fall together, however one of them or the supervisor ends."""

import signal
import sys
from collections.abc import Iterator

import pytest

from tests.faults.test_stopping import assert_nothing_is_left
from tests.running import RunningSite, wait_for


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningSite]:
    site = RunningSite(tmp_path_factory.mktemp("site") / "data")
    yield site
    site.kill()


@pytest.fixture
def running(site: RunningSite) -> RunningSite:
    if site.has_ended:
        site.start()
    assert len(site.children()) == 2
    return site


@pytest.mark.parametrize(("number", "name"), [(0, "web server"), (1, "worker")])
def test_when_one_dies_the_other_is_stopped_and_the_dead_one_is_named(
    running: RunningSite, number: int, name: str
) -> None:
    running.children()[number].kill()
    assert running.wait() == 1
    assert running.lines[-1] == f"The {name} ended on its own (killed by SIGKILL). Everything else is stopped too.\n"
    assert_nothing_is_left(running)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_both_stop_when_the_supervisor_is_asked_to(running: RunningSite, number: signal.Signals) -> None:
    assert running.stop(number) == 0
    assert running.lines[-1] == "Stopped.\n"
    assert_nothing_is_left(running)


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells a process that its parent was killed")
def test_both_end_when_the_supervisor_is_killed(running: RunningSite) -> None:
    running.stop(signal.SIGKILL)
    wait_for(lambda: running.names() <= {"postgres"})
    running.manage("check")  # the last one out stops PostgreSQL
    assert_nothing_is_left(running)
