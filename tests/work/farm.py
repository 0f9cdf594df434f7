"""`python -m tests.work.farm`: starts a worker, as a process of its own, for each line it reads, and says its id.

Django is loaded once, before any of them is forked: so a worker that is killed a moment after it started has worked.
"""

import os
import signal
import sys

import django


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "wallet_site.settings")
    django.setup()
    from django.core.management import call_command

    from notices import delivery
    from statements import monthly

    # Claims of those that are killed run out soon.
    delivery.HOLD_SECONDS, delivery.SEND_SECONDS, monthly.SECONDS = 6, 1, 3
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # nobody is waited for
    for _ in sys.stdin:
        child = os.fork()
        if not child:
            sys.stdin.close()
            call_command("work")
            os._exit(0)
        print(child, flush=True)


if __name__ == "__main__":
    main()
