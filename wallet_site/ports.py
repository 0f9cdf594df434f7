"""Where the site listens, and whether it can.

Nothing but the standard library, so that it can be asked before anything is installed.
"""

import os
import socket
import sys


def listen_on() -> tuple[str, str]:
    """Host and port. Demo mode speaks http and hands out demo money, so nobody but this machine may reach it."""
    demo = os.environ.get("DEMO", "").lower() in ("1", "true", "yes", "on", "ok", "y")
    host = "127.0.0.1" if demo else os.environ.get("BIND") or "0.0.0.0"
    return host, os.environ.get("PORT") or "8000"


def why_not(host: str, port: str) -> str | None:
    """What stands in the way of listening there, in one line; None when nothing does."""
    if not (port.isascii() and port.isdigit() and 0 < int(port) < 65536):
        return f"PORT is {port!r}: it must be a number from 1 to 65535."
    with socket.socket() as trial:
        trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            trial.bind((host, int(port)))
        except OSError as error:
            return f"Port {port} cannot be used ({os.strerror(error.errno or 0)}): choose another, like PORT=8001."
    return None


if __name__ == "__main__":
    os.environ.setdefault("DEMO", "1")  # asked by `make run`
    sys.exit(why_not(*listen_on()))
