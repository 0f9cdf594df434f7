"""How gunicorn serves the site; read by `python -m wallet_site.serve` and by the Procfile alike."""

import os
import re

import environ
from gunicorn.glogging import Logger

from wallet_site.ports import listen_on

env = environ.Env()
demo = env.bool("DEMO", default=False)


class TokenFreeLogger(Logger):
    """gunicorn names each path at debug level and in its access log: without the mailed token, which opens a door."""

    def debug(self, msg: str, *args: object, **kwargs: object) -> None:
        super().debug(msg, *map(without_token, args))

    def atoms(self, resp: object, req: object, environ: object, request_time: object) -> dict[str, object]:
        return {name: without_token(value) for name, value in super().atoms(resp, req, environ, request_time).items()}


def without_token(value: object) -> object:
    return re.sub("(?<=/)[^/ ?]{40,}", "…", value) if isinstance(value, str) else value


logger_class = TokenFreeLogger
wsgi_app = "wallet_site.wsgi:application"
bind = ":".join(listen_on())
# Each thread keeps two connections to the database, one a door (see docs/adr/0001): 2 × workers × threads.
worker_class = "gthread"
workers = env.int("WEB_WORKERS", default=max(2, min(os.cpu_count() or 2, 4)))
threads = env.int("WEB_THREADS", default=4)
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
