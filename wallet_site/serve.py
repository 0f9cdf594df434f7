"""Runs the site: everything it needs first, then its processes as children, and nothing left behind at the end.

`python -m wallet_site.serve` serves until Ctrl-C or SIGTERM; `--demo` is what `make run` says, `--develop` what
`make dev` says. Exit status: 0 when it was asked to stop, 1 when something was in the way, 2 for a wrong setting.
"""

import argparse
import http.client
import os
import signal
import sys
from typing import NoReturn

from wallet_site import ports
from wallet_site.embedded import children
from wallet_site.embedded.children import Child
from wallet_site.embedded.errors import CannotStart
from wallet_site.environment import BASE_DIR, one_line_errors, prepare, read_dotenv
from wallet_site.set_up import set_up

GUNICORN = [sys.executable, "-m", "gunicorn", "--config", str(BASE_DIR / "wallet_site" / "gunicorn_conf.py")]
WORKER = [sys.executable, str(BASE_DIR / "manage.py"), "work"]
RUNSERVER = [sys.executable, str(BASE_DIR / "manage.py"), "runserver"]
ASKED_TO_STOP = (128 + signal.SIGTERM, 128 + signal.SIGHUP)


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


def run(*, develop: bool) -> NoReturn:
    """Serves until it is told to stop. Raises CannotStart, also when one of the processes ends on its own."""
    host, port = ports.listen_on()
    if problem := ports.why_not(host, port):
        raise CannotStart(problem)
    with prepare(say=say):
        set_up(say=say)
        with children.running(processes(port, develop=develop), cwd=BASE_DIR) as started:
            greet(port)
            children.watch(started)


def processes(port: str, *, develop: bool) -> list[Child]:
    """What the site consists of, in the order it starts."""
    command = [*RUNSERVER, f"127.0.0.1:{port}"] if develop else GUNICORN
    return [Child("web server", command, is_ready=lambda: answers(port)), Child("worker", WORKER)]


def answers(port: str) -> bool:
    connection = http.client.HTTPConnection("127.0.0.1", int(port), timeout=5)
    try:
        connection.request("GET", "/healthz")
        connection.getresponse()
        return True
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def say(line: str) -> None:
    print(line, flush=True)


def greet(port: str) -> None:
    from django.conf import settings

    say(f"\n{settings.SITE_NAME} is ready at http://127.0.0.1:{port}  (Ctrl-C stops it)\n")
    if settings.DEMO:
        greet_with_sign_ins()


def greet_with_sign_ins() -> None:
    """Demo mode's people and their well-known secrets, as a table."""
    from wallet_site.demo import SIGN_INS

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
