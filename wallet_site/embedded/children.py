"""The processes that make up the site, as children of the supervisor (`wallet_site.serve`).

They stand and fall together. When one ends on its own, like a web server that was killed, the others are stopped and
the supervisor ends, naming it; when the supervisor is asked to end, all are asked at once. Nobody starts one again
here: that is for whatever runs the supervisor.
"""

import contextlib
import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

from wallet_site.embedded.errors import CannotStart

START_SECONDS = 60
GRACE_SECONDS = 25  # gunicorn's own graceful timeout, and a little
KILL_SECONDS = 5  # for the kernel to end a group
LOOK_SECONDS = 0.1  # between two looks
ENDING_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
PR_SET_PDEATHSIG = 1  # Linux, prctl(2)


@dataclass(frozen=True)
class Child:
    """`name` is what a sentence calls it: "web server". `is_ready` is asked until it says yes, at most a minute; who
    has none is ready as soon as it runs."""

    name: str
    command: Sequence[str]
    is_ready: Callable[[], bool] | None = None


@dataclass(frozen=True)
class Running:
    child: Child
    process: subprocess.Popen[bytes]

    @property
    def has_ended(self) -> bool:
        return self.process.poll() is not None

    @property
    def ending(self) -> str:
        if self.process.returncode is None:
            return f"no answer within {START_SECONDS} seconds"
        if self.process.returncode < 0:
            return f"killed by {signal.Signals(-self.process.returncode).name}"
        return f"exit status {self.process.returncode}"


@contextlib.contextmanager
def running(children: Sequence[Child], *, cwd: Path) -> Iterator[list[Running]]:
    """Starts each in `cwd` when the one before is ready, and leaves no process of any at the end.

    Raises CannotStart, naming the child that was not ready in time or has ended.
    """
    started: list[Running] = []
    try:
        for child in children:
            with signals_held_back() as mask:
                started.append(Running(child, start(child.command, cwd, mask)))
            wait_until_ready(started)
        yield started
    finally:
        stop(started)


def watch(started: Sequence[Running]) -> NoReturn:
    """Returns never: raises CannotStart when one ends on its own, naming it and how it ended."""
    while True:
        refuse_an_end(started)
        time.sleep(LOOK_SECONDS)


# Starting


@contextlib.contextmanager
def signals_held_back() -> Iterator[Iterable[int]]:
    """A child is started and written down, or neither: who asks us to end meanwhile is heard afterwards.

    Gives the mask of signals as it was, for the child.
    """
    before = signal.pthread_sigmask(signal.SIG_BLOCK, ENDING_SIGNALS)
    try:
        yield before
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def start(command: Sequence[str], cwd: Path, mask: Iterable[int]) -> subprocess.Popen[bytes]:
    """In a process group of its own: this terminal's Ctrl-C reaches only us, and we can stop all of it."""
    # The owner's password is for migrations; who serves pages has no use for it.
    environment = {name: value for name, value in os.environ.items() if name != "OWNER_DATABASE_URL"}
    in_child = becoming_a_child_of(os.getpid(), mask)
    return subprocess.Popen(command, cwd=cwd, env=environment, start_new_session=True, preexec_fn=in_child)


def becoming_a_child_of(parent: int, mask: Iterable[int]) -> Callable[[], None]:
    """For the child, before it becomes the program: on Linux, even if we are killed outright, it is told to end."""
    prctl = ctypes.CDLL(None).prctl if sys.platform == "linux" else None

    def in_child() -> None:
        signal.pthread_sigmask(signal.SIG_SETMASK, mask)
        if prctl is None:
            return
        prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
        if os.getppid() != parent:  # killed before prctl took hold
            os._exit(1)

    return in_child


def wait_until_ready(started: Sequence[Running]) -> None:
    """For the newest, while those before it have to go on."""
    *others, newest = started
    is_ready = newest.child.is_ready or (lambda: True)
    deadline = time.monotonic() + START_SECONDS
    while not newest.has_ended and time.monotonic() < deadline:
        refuse_an_end(others)
        if is_ready():
            return
        time.sleep(LOOK_SECONDS)
    raise CannotStart(f"The {newest.child.name} did not start ({newest.ending}).")


def refuse_an_end(started: Sequence[Running]) -> None:
    for one in started:
        if one.has_ended:
            raise CannotStart(f"The {one.child.name} ended on its own ({one.ending}). Everything else is stopped too.")


# Stopping


def stop(started: Sequence[Running]) -> None:
    """Asks all to end, and ends the whole group of each as soon as it has, or after the grace period.

    We are leaving: no more signals.
    """
    for number in ENDING_SIGNALS:
        signal.signal(number, signal.SIG_IGN)
    for one in started:
        one.process.terminate()
    deadline = time.monotonic() + GRACE_SECONDS
    left = list(started)
    while left:
        is_late = time.monotonic() > deadline
        for one in [one for one in left if is_late or one.has_ended]:
            end_group(one.process)
            left.remove(one)
        time.sleep(LOOK_SECONDS if left else 0)


def end_group(process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + KILL_SECONDS
    with contextlib.suppress(ProcessLookupError):  # nobody left in the group
        while time.monotonic() < deadline:
            os.killpg(process.pid, signal.SIGKILL)
            process.poll()
            time.sleep(0.02)
