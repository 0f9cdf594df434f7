"""`python -m tests.faults.two_children` is `python -m wallet_site.serve` with a second process beside the web server."""

import sys

from wallet_site import serve
from wallet_site.embedded.children import Child

PAUSE = [sys.executable, "-c", "import signal; signal.pause()"]
processes = serve.processes


def both(port: str, *, develop: bool) -> list[Child]:
    return [*processes(port, develop=develop), Child("second process", PAUSE)]


if __name__ == "__main__":
    serve.processes = both
    serve.main()
