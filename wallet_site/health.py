"""Two answers for load balancers: is the process up, and can it serve."""

import time

from django.conf import settings
from django.db import Error, connections
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, HttpResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from accounts.access.decorators import public
from ledger.outages import close_connections
from wallet_site import rights
from work import lag

RIGHTS_SECONDS = 60  # for which what was found of the role's rights holds
migrated = False  # stays true: a running process meets no migration that it does not know
rights_found: tuple[float, list[str]] | None = None  # when (monotonic), and what was wrong


@public
@never_cache
@require_safe
def healthz(request: HttpRequest) -> HttpResponse:
    """200 while the process answers at all."""
    return HttpResponse("ok\n", content_type="text/plain; charset=utf-8")


@public
@never_cache
@require_safe
def readyz(request: HttpRequest) -> HttpResponse:
    """200 when both doors lead to a database that can be written to, every migration is applied, and the site's role
    may do what it should; else 503, and why. How many seconds the worker is behind stands below: pages are served
    without it."""
    try:
        for alias in connections:
            with connections[alias].cursor() as cursor:
                cursor.execute("SHOW transaction_read_only")
                if cursor.fetchone() != ("off",):
                    return unready("the database is read-only")
        ready = is_migrated()
        wrong = wrong_rights() if ready else []
        behind = lag.seconds() if ready else 0
    except Error:
        return unready("no database")
    if not ready:
        return unready("migrations are missing")
    if wrong:
        return unready(wrong[0])
    return HttpResponse(f"ready\nworker behind: {behind} s\n", content_type="text/plain; charset=utf-8")


def unready(why: str) -> HttpResponse:
    """Asked again, it opens new connections, which may lead to a better server."""
    close_connections()
    return HttpResponse(f"{why}\n", content_type="text/plain; charset=utf-8", status=503)


def is_migrated() -> bool:
    global migrated
    if not migrated:
        executor = MigrationExecutor(connections["default"])
        migrated = not executor.migration_plan(executor.loader.graph.leaf_nodes())
    return migrated


def wrong_rights() -> list[str]:
    """What the site's role may do and should not. Demo mode and debugging may run as the tables' owner."""
    global rights_found
    if settings.DEMO or settings.DEBUG:
        return []
    if rights_found is None or time.monotonic() - rights_found[0] > RIGHTS_SECONDS:
        with connections["default"].cursor() as cursor:
            rights_found = time.monotonic(), rights.faults(cursor)
    return rights_found[1]
