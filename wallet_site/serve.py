"""Runs the site: everything it needs first, then the web server as a child, and nothing left behind at the end.

`python -m wallet_site.serve` serves until Ctrl-C or SIGTERM; `--demo` is what `make run` says, `--develop` what
`make dev` says. Exit status: 0 when it was asked to stop, 1 when something was in the way, 2 for a wrong setting.
"""

import argparse
import contextlib
import ctypes
import http.client
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable

from wallet_site import ports
from wallet_site.embedded.errors import CannotStart
from wallet_site.environment import BASE_DIR, one_line_errors, prepare, read_dotenv
from wallet_site.set_up import set_up

GUNICORN = [sys.executable, "-m", "gunicorn", "--config", str(BASE_DIR / "wallet_site" / "gunicorn_conf.py")]
RUNSERVER = [sys.executable, str(BASE_DIR / "manage.py"), "runserver"]
START_SECONDS = 60
GRACE_SECONDS = 25  # gunicorn's own graceful timeout, and a little
ASKED_TO_STOP = (128 + signal.SIGTERM, 128 + signal.SIGHUP)
PR_SET_PDEATHSIG = 1  # Linux, prctl(2)


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--demo", action="store_true", help="demo mode, unless the environment or .env decide")
    arguments.add_argument("--develop", action="store_true", help="Django's own server, which reloads changed code")
    options = arguments.parse_args()
    read_dotenv()
    if options.demo:
        os.environ.setdefault("DEMO", "1")
    try:
        with one_line_errors():
            run(develop=options.develop)
    except KeyboardInterrupt:
        say("\nStopped.")
    except SystemExit as end:
        if end.code not in ASKED_TO_STOP:
            raise
        say("Stopped.")


def run(*, develop: bool) -> None:
    """Serves until it is told to stop. Raises CannotStart, also when the web server ends on its own."""
    host, port = ports.listen_on()
    if problem := ports.why_not(host, port):
        raise CannotStart(problem)
    with prepare(say=say):
        set_up(say=say)
        command = [*RUNSERVER, f"127.0.0.1:{port}"] if develop else GUNICORN
        with contextlib.ExitStack() as stack:
            child = start(command)
            stack.callback(stop, child)
            wait_until_it_answers(child, port)
            greet(port)
            child.wait()
    raise CannotStart(f"The web server ended on its own ({ending(child)}). Everything else is stopped too.")


def say(line: str) -> None:
    print(line, flush=True)


# The web server


def start(command: list[str]) -> subprocess.Popen[bytes]:
    """In a process group of its own: this terminal's Ctrl-C reaches only us, and we can stop all of it."""
    # The owner's password is for migrations; who serves pages has no use for it.
    environment = {name: value for name, value in os.environ.items() if name != "OWNER_DATABASE_URL"}
    end_with_us = ending_with(os.getpid()) if sys.platform == "linux" else None
    return subprocess.Popen(command, cwd=BASE_DIR, env=environment, start_new_session=True, preexec_fn=end_with_us)


def ending_with(parent: int) -> Callable[[], None]:
    """For the child, before it becomes the web server: even if we are killed outright, it is told to end."""
    prctl = ctypes.CDLL(None).prctl

    def in_child() -> None:
        prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
        if os.getppid() != parent:  # killed before prctl took hold
            os._exit(1)

    return in_child


def wait_until_it_answers(child: subprocess.Popen[bytes], port: str) -> None:
    deadline = time.monotonic() + START_SECONDS
    while child.poll() is None and time.monotonic() < deadline:
        connection = http.client.HTTPConnection("127.0.0.1", int(port), timeout=5)
        try:
            connection.request("GET", "/healthz")
            connection.getresponse()
            return
        except (OSError, http.client.HTTPException):
            time.sleep(0.05)
        finally:
            connection.close()
    raise CannotStart(f"The web server did not start ({ending(child)}).")


def ending(child: subprocess.Popen[bytes]) -> str:
    if child.returncode is None:
        return f"no answer within {START_SECONDS} seconds"
    if child.returncode < 0:
        return f"killed by {signal.Signals(-child.returncode).name}"
    return f"exit status {child.returncode}"


def stop(child: subprocess.Popen[bytes]) -> None:
    """Asks the web server to end, and after the grace period ends its whole group. We are leaving: no more signals."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    if child.poll() is None:
        child.terminate()
        with contextlib.suppress(subprocess.TimeoutExpired):
            child.wait(GRACE_SECONDS)
    deadline = time.monotonic() + 5
    with contextlib.suppress(ProcessLookupError):  # nobody left in the group
        while time.monotonic() < deadline:
            os.killpg(child.pid, signal.SIGKILL)
            child.poll()
            time.sleep(0.02)


def greet(port: str) -> None:
    from django.conf import settings

    say(f"\n{settings.SITE_NAME} is ready at http://127.0.0.1:{port}  (Ctrl-C stops it)\n")
    if settings.DEMO:
        greet_with_sign_ins()


def greet_with_sign_ins() -> None:
    """Demo mode's people and their well-known secrets, as a table."""
    from payments.demo import SIGN_INS

    rows = [("sign in as", "password", "view PIN", "payment PIN")]
    rows += [(who.email, who.password, who.view_pin or "staff", who.payment_pin) for who in SIGN_INS]
    widths = [max(len(row[column]) for row in rows) for column in range(4)]
    for row in rows:
        say("  " + "   ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip())
    say(
        f"\n  A sign-in also takes a code. In another terminal: python3 manage.py totp {SIGN_INS[0].email}\n"
        "  No money here is real. The data stay in .data for the next run.\n"
    )


if __name__ == "__main__":
    main()
