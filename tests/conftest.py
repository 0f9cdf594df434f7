from collections.abc import Iterator
from typing import Any

import pytest
from django.core.management.commands import flush
from django.db import connections


@pytest.fixture(scope="session", autouse=True)
def _flush_passes_the_append_only_rules() -> Iterator[None]:
    """Between transactional tests Django empties every table; the books refuse that, so the flush goes past them."""
    plain = flush.Command.handle

    def handle(self: flush.Command, **options: Any) -> None:
        with connections[options["database"]].cursor() as cursor:
            cursor.execute("SET session_replication_role = replica")
            try:
                plain(self, **options)
            finally:
                cursor.execute("SET session_replication_role = origin")

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(flush.Command, "handle", handle)
        yield
