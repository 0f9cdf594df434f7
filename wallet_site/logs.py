"""How everything that is logged is written: one line an event on standard error, without what opens a door.

The settings' handlers, gunicorn's own and what Python prints by itself all end in `redact`; see SECURITY.md, "Logs".
"""

import logging
import sys
import threading
import traceback
from types import TracebackType
from typing import Any

import structlog
from structlog.typing import Processor

from web.redact import redact, redact_event

SHARED_PROCESSORS: list[Processor] = [
    structlog.contextvars.merge_contextvars,
    structlog.stdlib.add_log_level,
    structlog.stdlib.add_logger_name,
    structlog.processors.TimeStamper(fmt="iso", utc=True),
]


class RedactingFormatter(logging.Formatter):
    """Around another formatter: message, arguments and traceback are one text by then."""

    def __init__(self, inner: logging.Formatter) -> None:
        super().__init__()
        self.inner = inner

    def format(self, record: logging.LogRecord) -> str:
        return redact(self.inner.format(record))


def configuration(*, level: str, for_people: bool) -> dict[str, Any]:
    """What LOGGING holds. `for_people`: key=value lines instead of JSON."""
    renderer: Processor = structlog.processors.JSONRenderer()
    if for_people:
        renderer = structlog.processors.KeyValueRenderer(key_order=["timestamp", "level", "event"])
    line = {
        "()": structlog.stdlib.ProcessorFormatter,
        "processors": [
            structlog.stdlib.ProcessorFormatter.remove_processors_meta,
            structlog.processors.format_exc_info,
            redact_event,
            renderer,
        ],
        "foreign_pre_chain": SHARED_PROCESSORS,
    }
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"line": line},
        "handlers": {
            "stderr": {"class": "logging.StreamHandler", "formatter": "line"},
            "nowhere": {"class": "logging.NullHandler"},
        },
        "root": {"handlers": ["stderr"], "level": level},
        "loggers": {
            # Django's own handlers go, its server's too: every line has one form and one way out.
            "django": {"handlers": [], "propagate": True},
            "django.server": {"handlers": [], "propagate": True},
            # Says again, without the request's id, what RequestLogMiddleware says.
            "django.request": {"handlers": ["nowhere"], "propagate": False},
            # A traceback for each scanner that makes one up, beside the one line that RequestLogMiddleware has.
            **{
                f"django.security.{name}": {"handlers": ["nowhere"], "propagate": False}
                for name in ("DisallowedHost", "RequestDataTooBig", "TooManyFieldsSent", "TooManyFilesSent", "NoFiles")
            },
            # Warns at each HEAD that Django leaves dropping the body to the server.
            "gunicorn.http.wsgi": {"level": "ERROR"},
        },
    }


def configure_structlog() -> None:
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *SHARED_PROCESSORS,
            structlog.stdlib.PositionalArgumentsFormatter(),
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )


def redact_what_python_prints() -> None:
    """Warnings become log lines; a traceback that ends a command is redacted; a line that cannot be formatted is lost
    instead of printed with its arguments.
    """
    logging.captureWarnings(True)
    logging.raiseExceptions = False
    sys.excepthook = print_redacted
    threading.excepthook = lambda end: print_redacted(end.exc_type, end.exc_value, end.exc_traceback)


def print_redacted(kind: type[BaseException], failure: BaseException | None, trace: TracebackType | None) -> None:
    print(redact("".join(traceback.format_exception(kind, failure, trace))), end="", file=sys.stderr, flush=True)
