"""Gets the environment ready before Django reads its settings, for every entry point: manage.py and the server.

Three sources, the first one wins: the real environment, `.env`, and in demo mode what demo mode made for itself.
"""

import base64
import contextlib
import os
import secrets
import signal
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from types import FrameType
from typing import NoReturn

import environ

from wallet_site.embedded.cluster import Cluster
from wallet_site.embedded.errors import CannotStart
from wallet_site.embedded.folders import make_data_dir

BASE_DIR = Path(__file__).resolve().parent.parent
TRUE = environ.Env.BOOLEAN_TRUE_STRINGS


@contextlib.contextmanager
def prepare(*, say: Callable[[str], None]) -> Iterator[None]:
    """Inside it, the settings find what they need, and in demo mode PostgreSQL runs when no other one is named.

    Raises CannotStart.
    """
    stop_politely()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "wallet_site.settings")
    read_dotenv()
    # `python manage.py` beside a running `make run`. A named database is never joined by a left-over of demo mode.
    if "DEMO" not in os.environ and not os.environ.get("DATABASE_URL"):
        read_demo_file()
    if not is_demo():
        yield
        return
    make_demo_secrets()
    read_demo_file()
    if os.environ.get("DATABASE_URL"):
        yield
        return
    with Cluster(data_dir(), say=say).use() as urls:
        os.environ["DATABASE_URL"], os.environ["OWNER_DATABASE_URL"] = urls.site, urls.owner
        yield


def read_dotenv() -> None:
    """What the real environment does not say, `.env` does."""
    environ.Env.read_env(BASE_DIR / ".env")


def data_dir() -> Path:
    """Where this installation keeps what it makes: `.data`, or DATA_DIR (relative to the project)."""
    return BASE_DIR / (os.environ.get("DATA_DIR") or ".data")


def demo_file() -> Path:
    return data_dir() / "demo.env"


def log_key_file() -> Path:
    """Of its own, so that a demo from before there was a log gets one too."""
    return data_dir() / "demo-log.env"


def read_demo_file() -> None:
    """What demo mode made for itself, where there is any. Raises CannotStart where it no longer says everything."""
    if os.path.lexists(data_dir()) and not data_dir().is_dir():
        raise CannotStart(f"The data folder {data_dir()} is not a folder.")
    if not os.path.exists(demo_file()):
        return
    with contextlib.suppress(UnicodeDecodeError):
        environ.Env.read_env(demo_file())
        environ.Env.read_env(log_key_file())
    if missing := [name for name in ("DEMO", "SECRET_KEY", "CREDENTIAL_KEYS") if name not in os.environ]:
        raise CannotStart(f"{demo_file()} is damaged: it does not say {missing[0]}.")


def is_demo() -> bool:
    return os.environ.get("DEMO", "").lower() in TRUE


def make_demo_secrets() -> None:
    """Made once. Whoever loses this file loses the demo's passwords, PINs and authenticators with it."""
    make_data_dir(data_dir())
    make_once(
        demo_file(),
        "# Made by demo mode for itself. Never for real money.\n"
        "DEMO=1\n"
        f"SECRET_KEY={secrets.token_urlsafe(48)}\n"
        f"CREDENTIAL_KEYS=demo:{random_key()}\n",
    )
    make_once(log_key_file(), f"# Signs the demo's log over transfers.\nCHECKPOINT_KEY={random_key()}\n")


def random_key() -> str:
    """Base64url of 32 bytes."""
    return base64.urlsafe_b64encode(secrets.token_bytes(32)).decode()


def make_once(path: Path, text: str) -> None:
    if path.exists():
        return
    descriptor, name = tempfile.mkstemp(dir=data_dir())
    with open(descriptor, "w") as file:
        file.write(text)
    # A link, so that the file is whole as soon as it is there, and the first of two processes wins.
    with contextlib.suppress(FileExistsError):
        os.link(name, path)
    os.unlink(name)


def stop_politely() -> None:
    """Ctrl-C, a polite kill and a closed terminal all unwind, so that everything opened is closed."""
    signal.signal(signal.SIGINT, signal.default_int_handler)
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, leave)


def leave(number: int, frame: FrameType | None) -> NoReturn:
    raise SystemExit(128 + number)


def to_stderr(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


@contextlib.contextmanager
def one_line_errors() -> Iterator[None]:
    """What a person can mend is said in one line. Status 1: something is in the way; 2: a setting is wrong."""
    from django.core.exceptions import ImproperlyConfigured
    from django.db import Error

    from ledger.outages import OutcomeUnknown, is_unreachable

    try:
        yield
    except CannotStart as error:
        to_stderr(str(error))
        raise SystemExit(1) from None
    except ImproperlyConfigured as error:
        to_stderr(str(error))
        raise SystemExit(2) from None
    except Error as error:
        if not is_unreachable(error):
            raise
        to_stderr(f"The database cannot be reached: {' '.join(str(error).split())}")
        raise SystemExit(1) from None
    except OutcomeUnknown as error:
        to_stderr(f"Not known yet whether it was written ({error}): running this again does not do it twice.")
        raise SystemExit(1) from None
