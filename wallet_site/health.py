"""Two answers for load balancers: is the process up, and can it serve."""

from django.db import Error, connections
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, HttpResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from accounts.decorators import public
from ledger.outages import close_connections

migrated = False  # stays true: a running process meets no migration that it does not know


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
    """200 when both doors lead to a database that can be written to and every migration is applied, else 503."""
    try:
        for alias in connections:
            with connections[alias].cursor() as cursor:
                cursor.execute("SHOW transaction_read_only")
                if cursor.fetchone() != ("off",):
                    return unready("the database is read-only")
        ready = is_migrated()
    except Error:
        return unready("no database")
    if not ready:
        return unready("migrations are missing")
    return HttpResponse("ready\n", content_type="text/plain; charset=utf-8")


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
