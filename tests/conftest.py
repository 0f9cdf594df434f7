from collections.abc import Iterator
from typing import Any

import pytest
from django.conf import settings
from django.core.management.commands import flush
from django.db import connections
from pytest_django import DjangoDbBlocker

from wallet_site import grants


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


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> None:
    """The site's role has in the tests' database the rights a deployment gives it, though the owner runs the tests."""
    with django_db_blocker.unblock():
        grants.apply(connections["default"], settings.SITE_ROLE)
        with connections["default"].cursor() as cursor:
            cursor.execute(f'REVOKE TEMPORARY ON DATABASE "{connections["default"].settings_dict["NAME"]}" FROM PUBLIC')
