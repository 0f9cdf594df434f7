"""How gunicorn serves the site; read by `python -m wallet_site.serve` and by the Procfile alike."""

import logging
import logging.handlers
import sys
from typing import TextIO
from urllib.parse import unquote

from django.core.exceptions import ImproperlyConfigured
from gunicorn.config import Config
from gunicorn.glogging import Logger
from gunicorn.http.message import Request
from gunicorn.workers.base import Worker

from wallet_site.logs import RedactingFormatter
from wallet_site.ports import listen_on
from wallet_site.variables import switch, web_threads, web_workers
from web import bodies


class RedactingLogger(Logger):
    """gunicorn has handlers of its own, which name each path at debug level, in the access log and with errors."""

    def _set_handler(
        self, log: logging.Logger, output: str, fmt: logging.Formatter, stream: TextIO | None = None
    ) -> None:
        super()._set_handler(log, output, RedactingFormatter(fmt), stream)

    def _set_syslog_handler(self, log: logging.Logger, cfg: Config, fmt: str, name: str) -> None:
        super()._set_syslog_handler(log, cfg, fmt, name)
        for handler in log.handlers:
            if isinstance(handler, logging.handlers.SysLogHandler) and handler.formatter:
                handler.setFormatter(RedactingFormatter(handler.formatter))


def pre_request(worker: Worker, req: Request) -> None:
    """Before gunicorn asks for a body that the application will refuse (see `BodyMiddleware`): it is neither asked for
    nor, afterwards, read to its end for the sake of the connection.
    """
    worker.log.debug("%s %s", req.method, req.path)
    headers = dict(req.headers)
    if bodies.refusal(headers.get("CONTENT-LENGTH", ""), headers.get("TRANSFER-ENCODING", ""), unquote(req.path)):
        req.force_close()
        req._expected_100_continue = False


logger_class = RedactingLogger
wsgi_app = "wallet_site.wsgi:application"
bind = ":".join(listen_on())
# Each thread keeps two connections to the database, one a door (see docs/adr/0001): 2 × workers × threads.
worker_class = "gthread"
try:
    demo = switch("DEMO")
    workers, threads = web_workers(), web_threads()
except ImproperlyConfigured as error:
    print(error, file=sys.stderr)
    sys.exit(2)
timeout = 30  # seconds; the database gives up on a statement before this
graceful_timeout = 20  # seconds; a payment being made may finish
keepalive = 5  # seconds
limit_request_line = 4_094  # bytes: method and address
limit_request_field_size = 8_190  # bytes
# The application opens database connections, so it is loaded in the workers, never before the fork.
preload_app = False
control_socket_disable = True
umask = 0o077
# A request is one line of the application's own log, with its id and without its query: see wallet_site/middleware.py.
accesslog = None
errorlog = "-"
loglevel = "warning" if demo else "info"
# Who may say that a request came by https is the settings' matter (TRUSTED_PROXIES).
forwarded_allow_ips = ""
