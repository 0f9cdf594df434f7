"""The file: a zip of `manifest.json`, which names every table of the database, the rows, and the journal.

Whoever has more to give names a function in `settings.OWN_DATA_FILES`: user -> pairs of a path in the zip and bytes.
"""

import io
import json
from collections.abc import Iterator
from zipfile import ZIP_DEFLATED, ZipFile

from django.apps import apps
from django.conf import settings
from django.core.serializers.json import DjangoJSONEncoder
from django.db import connections, models, transaction
from django.utils import timezone
from django.utils.module_loading import import_string

from accounts.models import User
from ledger import journal
from ledger.snapshot import snapshot
from statements import content
from statements.formats import json as json_format
from statements.models import Statement
from wallet_site.own_data.tables import GIVEN, UNLISTED, WITHHELD, Given

MANIFEST = "manifest.json"


def of(user: User) -> bytes:
    """Everything held about the user, as of now. Reads only, and may take as long as it likes."""
    buffer = io.BytesIO()
    with ZipFile(buffer, "w", ZIP_DEFLATED) as archive:
        manifest = {"made_at": timezone.now(), "customer": user.pk, "tables": _tables(archive, user)}
        manifest["files"] = list(_files(archive, user))
        archive.writestr(MANIFEST, _json(manifest))
    return buffer.getvalue()


def journal_file(user: User) -> Iterator[tuple[str, bytes]]:
    """The customer's own accounts in Beancount's format."""
    with snapshot() as cursor:
        yield "journal.beancount", "".join(f"{line}\n" for line in journal.lines_of(cursor, user.pk)).encode()


def statement_files(user: User) -> Iterator[tuple[str, bytes]]:
    """Each statement as JSON, which proves itself."""
    for statement in Statement.objects.filter(account__owner=user).order_by("made_at").iterator():
        yield f"statements/{statement.label}-{statement.pk}.json", json_format.render(content.read(statement))


def _tables(archive: ZipFile, user: User) -> dict[str, dict[str, object]]:
    """By name: where its rows are and what is left out of them, or why there are none. One moment of all tables."""
    with transaction.atomic(), connections["default"].cursor() as cursor:
        cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        cursor.execute("SET LOCAL statement_timeout = 0")
        names = sorted(connections["default"].introspection.table_names(cursor))
        return {name: _table(archive, user, name) for name in names}


def _table(archive: ZipFile, user: User, name: str) -> dict[str, object]:
    given = GIVEN.get(name)
    if given is None:
        return {"nothing_because": WITHHELD.get(name, UNLISTED)}
    path = f"tables/{name}.json"
    return {"file": path, "rows": _write_rows(archive, path, user, name, given), "left_out": given.withheld}


def _write_rows(archive: ZipFile, path: str, user: User, name: str, given: Given) -> int:
    """A JSON list, a row a line, however many there are; how many there were."""
    model = model_of(name)
    rows = model._default_manager.filter(**{given.whose: getattr(user, given.by)}).order_by("pk")
    count = 0
    with archive.open(path, "w") as file:
        file.write(b"[")
        for row in rows.values(*given.columns.split()).iterator(chunk_size=2000):
            file.write(b",\n" if count else b"\n")
            file.write(_json(row).encode())
            count += 1
        file.write(b"\n]\n")
    return count


def model_of(table: str) -> type[models.Model]:
    return next(model for model in apps.get_models(include_auto_created=True) if model._meta.db_table == table)


def _files(archive: ZipFile, user: User) -> Iterator[str]:
    for maker in settings.OWN_DATA_FILES:
        for path, written in import_string(maker)(user):
            archive.writestr(path, written)
            yield path


def _json(value: object) -> str:
    return json.dumps(value, cls=DjangoJSONEncoder, ensure_ascii=False)
