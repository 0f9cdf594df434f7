"""The real site, as `make run` starts it: its supervisor, gunicorn, its own PostgreSQL and the site's own role."""

import contextlib
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Self

import psutil

from wallet_site.environment import BASE_DIR

READY = "is ready at"
SECONDS = 90  # to wait for anything


class RunningSite:
    """Starts on entering and stops on leaving, in a data folder and on a port of its own.

    `environment` adds to what it is started with. The demo's people are in it: see wallet_site/demo.py.
    """

    def __init__(self, data_dir: Path, *, port: int | None = None, **environment: str) -> None:
        self.data_dir = data_dir
        self.port = port or free_port()
        self.base_url = f"http://127.0.0.1:{self.port}"
        self.env = bare_environment(data_dir) | {"PORT": str(self.port)} | environment
        self.lines: list[str] = []
        self.process: subprocess.Popen[str] | None = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *failure: type[BaseException] | BaseException | TracebackType | None) -> None:
        self.stop()

    @property
    def output(self) -> str:
        return "".join(self.lines)

    def start(self, *, wait: bool = True) -> None:
        """Raises AssertionError, with what it printed, when it does not become ready."""
        self.lines.clear()
        self.process = subprocess.Popen(
            [sys.executable, "-m", "wallet_site.serve", "--demo"],
            cwd=BASE_DIR, env=self.env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        )  # fmt: skip
        self.reader = threading.Thread(target=self._read, args=(self.process,), daemon=True)
        self.reader.start()
        if wait:
            wait_for(lambda: READY in self.output or self.has_ended)
            assert READY in self.output, self.output

    def _read(self, process: subprocess.Popen[str]) -> None:
        assert process.stdout is not None
        for line in process.stdout:
            self.lines.append(line)

    @property
    def has_ended(self) -> bool:
        return self.process is None or self.process.poll() is not None

    def stop(self, number: signal.Signals = signal.SIGINT) -> int:
        """Signals the supervisor, waits for its end, and gives back its exit status. Safe to repeat."""
        assert self.process is not None
        if not self.has_ended:
            self.process.send_signal(number)
        return self.wait()

    def wait(self) -> int:
        """For the supervisor's end, and for the last line it printed."""
        assert self.process is not None
        status = self.process.wait(SECONDS)
        self.reader.join(SECONDS)
        return status

    def manage(self, *arguments: str) -> str:
        """What a manage.py command prints, run in a second terminal. Raises AssertionError when it fails."""
        done = manage(self.env, *arguments)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def shell(self, script: str) -> str:
        """What the script printed, run beside the site with its settings."""
        return self.manage("shell", "--no-imports", "-c", script)

    def processes(self) -> list[psutil.Process]:
        return processes_of(self.data_dir)

    def names(self) -> set[str]:
        """What its processes are called; one that ends while it is asked is gone like the others before it."""
        found = set()
        for process in self.processes():
            with contextlib.suppress(psutil.NoSuchProcess):
                found.add(process.name())
        return found

    def kill(self) -> None:
        """All at once, as when the machine crashes."""
        for process in self.processes():
            with contextlib.suppress(psutil.NoSuchProcess):  # ended meanwhile, with its parent
                process.kill()

    def gunicorn(self) -> psutil.Process:
        """Its master: the supervisor's child."""
        return self.children()[0]

    def worker(self) -> psutil.Process:
        return self.children()[1]

    def children(self) -> list[psutil.Process]:
        """The supervisor's, in the order they were started."""
        assert self.process is not None
        found: list[psutil.Process] = psutil.Process(self.process.pid).children()
        return sorted(found, key=lambda child: child.create_time())


def bare_environment(data_dir: Path) -> dict[str, str]:
    """A newcomer's: nothing is set, and a developer's own .env decides nothing."""
    return {
        "PATH": os.environ["PATH"],
        "HOME": str(data_dir.parent),
        "DATA_DIR": str(data_dir),
        "STATIC_ROOT": str(data_dir.parent / "static"),
        "DEMO": "1",
        "DATABASE_URL": "",
        "BCRYPT_ROUNDS": "10",
    }


def manage(environment: dict[str, str], *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "manage.py", *arguments]
    return subprocess.run(
        command, cwd=BASE_DIR, env=environment, capture_output=True, text=True, timeout=SECONDS, check=False
    )


def processes_of(data_dir: Path) -> list[psutil.Process]:
    """Everything alive that belongs to a site: what was started with its data folder, and its PostgreSQL."""
    found = []
    for process in psutil.process_iter():
        try:
            ours = process.environ().get("DATA_DIR") == str(data_dir) or process.cwd().startswith(str(data_dir))
            if ours and process.pid != os.getpid() and process.status() != psutil.STATUS_ZOMBIE:
                found.append(process)
        except psutil.Error:
            continue
    return found


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def wait_for(condition: Callable[[], bool], seconds: float = SECONDS) -> None:
    """Raises AssertionError when it does not come true in time."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not come true in time"
        time.sleep(0.05)
