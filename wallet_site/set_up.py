"""What is made before the site's processes start: tables, static files and demo data.

Each only when something is missing; a second start has nothing to do. Django's settings are read in here and not
before, for they need what `environment.prepare` prepares.
"""

import contextlib
import hashlib
import os
from collections.abc import Callable
from pathlib import Path

from wallet_site.embedded.folders import make_data_dir
from wallet_site.environment import data_dir


def set_up(*, say: Callable[[str], None]) -> None:
    """Raises CannotStart where the data folder cannot be written to."""
    import django
    from django.conf import settings
    from django.core.management import call_command
    from django.db import connections

    from wallet_site.owner import owned

    django.setup()
    make_data_dir(data_dir())
    make_tables(say)
    if not settings.DEBUG:
        collect_static_files(say)
    if settings.DEMO:
        with owned("default", "serializable"):
            call_command("demo")
    connections.close_all()


def make_tables(say: Callable[[str], None]) -> None:
    from django.core.management import call_command
    from django.db import connections

    from wallet_site import grants  # it imports models

    connections["default"].ensure_connection()
    if tables_are_behind():
        say("Making the tables…")
        call_command("migrate", verbosity=0, interactive=False)
    else:  # demo mode and currency may be others than at the last start
        grants.renew("default")


def tables_are_behind() -> bool:
    """Is a migration not applied yet? The owner asks: before the first migration the site may read nothing."""
    from django.db import connections
    from django.db.migrations.executor import MigrationExecutor

    from wallet_site.owner import owned

    with owned("default"):
        executor = MigrationExecutor(connections["default"])
        return bool(executor.migration_plan(executor.loader.graph.leaf_nodes()))


def collect_static_files(say: Callable[[str], None]) -> None:
    """Copies and compresses them under hashed names, unless nothing changed since it last did."""
    from django.conf import settings
    from django.core.management import call_command

    manifest, stamp = settings.STATIC_ROOT / "staticfiles.json", data_dir() / "static.stamp"
    before = fingerprint(manifest)
    if stamp.exists() and stamp.read_text() == before:
        return
    say("Gathering the static files…")
    call_command("collectstatic", verbosity=0, interactive=False)
    stamp.write_text(fingerprint(manifest))


def fingerprint(manifest: Path) -> str:
    """Changes with any static file's name, size or time, and with what the last collection left."""
    from django.contrib.staticfiles.finders import get_finders

    digest = hashlib.sha256()
    sources = (storage.path(name) for finder in get_finders() for name, storage in finder.list([]))
    for path in (*sources, manifest):
        with contextlib.suppress(FileNotFoundError):
            found = os.stat(path)
            digest.update(f"{path}\0{found.st_size}\0{found.st_mtime_ns}\n".encode())
    return digest.hexdigest()
