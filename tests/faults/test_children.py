"""A list of children: started in order, ended together."""

import contextlib
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest

from tests.running import wait_for
from wallet_site.embedded import children
from wallet_site.embedded.children import Child, Running
from wallet_site.embedded.errors import CannotStart

PAUSE = "import signal; signal.pause()"
# Asked to end, it says so in a file, and ends when the other one has said so too.
TOGETHER = """
import os, signal, sys, time
mine, others = sys.argv[1:]
def end(*_):
    open(mine, "w").close()
    while not os.path.exists(others): time.sleep(0.01)
    sys.exit()
signal.signal(signal.SIGTERM, end)
open(mine + ".up", "w").close()
while True: signal.pause()
"""
# It starts a process of its own, which outlives it.
PARENT = """
import signal, subprocess, sys
signal.signal(signal.SIGTERM, signal.SIG_IGN)
child = subprocess.Popen([sys.executable, "-c", "import signal; signal.pause()"])
open(sys.argv[1] + ".new", "w").write(str(child.pid))
import os; os.rename(sys.argv[1] + ".new", sys.argv[1])
while True: signal.pause()
"""
# Asked to end, it waits for the end of the process whose id is in a file.
AFTER = """
import os, signal, sys, time
def end(*_):
    pid = int(open(sys.argv[1]).read())
    while os.path.exists(f"/proc/{pid}") and " Z " not in open(f"/proc/{pid}/stat").read(): time.sleep(0.01)
    sys.exit()
signal.signal(signal.SIGTERM, end)
open(sys.argv[1] + ".up", "w").close()
while True: signal.pause()
"""
SHOW = """
import os, signal, sys
with open(sys.argv[1] + ".new", "w") as file:
    print(signal.pthread_sigmask(signal.SIG_BLOCK, []), "OWNER_DATABASE_URL" in os.environ, os.getcwd(), file=file)
os.rename(sys.argv[1] + ".new", sys.argv[1])
signal.pause()
"""


@pytest.fixture(autouse=True)
def _signals() -> Iterator[None]:
    """Who stops children hears no more signals; the tests go on."""
    before = {number: signal.getsignal(number) for number in children.ENDING_SIGNALS}
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


def python(program: str, *arguments: object) -> list[str]:
    return [sys.executable, "-c", program, *map(str, arguments)]


def pausing(name: str) -> Child:
    return Child(name, python(PAUSE))


def run(*listed: Child) -> contextlib.AbstractContextManager[list[Running]]:
    return children.running(listed, cwd=Path.cwd())


def mine() -> list[psutil.Process]:
    """Our children that pause."""
    return [child for child in psutil.Process().children() if PAUSE in child.cmdline()]


def statuses(started: list[Running]) -> list[int | None]:
    return [one.process.returncode for one in started]


def test_the_next_one_starts_when_the_one_before_is_ready() -> None:
    seen: list[int] = []

    def is_ready() -> bool:
        seen.append(len(mine()))
        return len(seen) == 3

    with run(Child("first", python(PAUSE), is_ready), pausing("second")):
        assert seen == [1, 1, 1]
        assert len(mine()) == 2
    assert mine() == []


def test_one_that_ends_before_it_is_ready_did_not_start() -> None:
    broken = Child("second", python("raise SystemExit(3)"), is_ready=lambda: False)
    with pytest.raises(CannotStart, match=r"^The second did not start \(exit status 3\)\.$"):
        with run(pausing("first"), broken):
            pass
    assert mine() == []


def test_one_that_is_not_ready_in_time_did_not_start(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(children, "START_SECONDS", 0.2)
    with pytest.raises(CannotStart, match=r"^The second did not start \(no answer within 0\.2 seconds\)\.$"):
        with run(pausing("first"), Child("second", python(PAUSE), is_ready=lambda: False)):
            pass
    assert mine() == []


def test_one_that_ends_while_the_next_gets_ready_is_named() -> None:
    def is_ready() -> bool:
        mine()[0].kill()
        return False

    said = r"^The first ended on its own \(killed by SIGKILL\)\. Everything else is stopped too\.$"
    with pytest.raises(CannotStart, match=said), run(pausing("first"), Child("second", python(PAUSE), is_ready)):
        pass
    assert mine() == []


@pytest.mark.parametrize("command", [python("raise SystemExit(3)"), python("")])
def test_one_that_ends_by_itself_is_named_with_its_status(command: list[str]) -> None:
    said = r"^The second ended on its own \(exit status [03]\)\. Everything else is stopped too\.$"
    with pytest.raises(CannotStart, match=said):
        with run(pausing("first"), Child("second", command), pausing("third")) as started:
            children.watch(started)
    assert mine() == []


def test_all_are_asked_at_once(tmp_path: Path) -> None:
    one, two = tmp_path / "one", tmp_path / "two"
    with run(
        Child("first", python(TOGETHER, one, two), is_ready=(tmp_path / "one.up").exists),
        Child("second", python(TOGETHER, two, one), is_ready=(tmp_path / "two.up").exists),
    ) as started:
        pass
    assert statuses(started) == [0, 0]


def test_who_does_not_listen_is_ended_with_what_it_started(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(children, "GRACE_SECONDS", 0.2)
    file = tmp_path / "pid"
    with run(Child("deaf", python(PARENT, file), is_ready=file.exists), pausing("second")) as started:
        grandchild = psutil.Process(int(file.read_text()))
    assert statuses(started) == [-signal.SIGKILL, -signal.SIGTERM]
    wait_for(lambda: not grandchild.is_running() or grandchild.status() == psutil.STATUS_ZOMBIE)


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_what_a_dead_one_started_is_ended_before_the_others_have(tmp_path: Path) -> None:
    file = tmp_path / "pid"
    with run(
        Child("first", python(AFTER, file), is_ready=(tmp_path / "pid.up").exists),
        Child("second", python(PARENT, file), is_ready=file.exists),
    ) as started:
        started[1].process.kill()
        started[1].process.wait()
    assert statuses(started) == [0, -signal.SIGKILL]


def test_a_signal_while_one_is_started_leaves_nobody_behind(monkeypatch: pytest.MonkeyPatch) -> None:
    class Interrupted(subprocess.Popen[bytes]):
        def __init__(self, *arguments: Any, **options: Any) -> None:
            super().__init__(*arguments, **options)
            signal.raise_signal(signal.SIGTERM)

    def leave(*_: object) -> None:
        raise SystemExit(143)

    signal.signal(signal.SIGTERM, leave)
    monkeypatch.setattr(subprocess, "Popen", Interrupted)
    with pytest.raises(SystemExit), run(pausing("first"), pausing("second")):
        raise AssertionError("the signal is heard before the next one starts")
    assert mine() == []


def test_a_child_hears_every_signal_and_does_not_know_the_owners_password(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OWNER_DATABASE_URL", "postgres://owner:secret@/wallet")
    file = tmp_path / "shown"
    with run(Child("first", python(SHOW, file), is_ready=file.exists)):
        assert file.read_text() == f"set() False {os.getcwd()}\n"
