"""ledger/manifest.json: what the migrations make of an empty database, whatever its roles are called."""

import pytest
from django.core.management import CommandError, call_command
from pytest_django import Settings

from ledger.snapshot import snapshot
from ledger.verify import catalogue, rules
from ledger.verify.roles import Roles
from tests.ledger.books import BOTH
from tests.ledger.damage import faults_after

pytestmark = pytest.mark.django_db(transaction=True, databases=BOTH)

CHANGED = "a rule or right was changed: "


@pytest.fixture
def roles() -> Roles:
    with snapshot() as cursor:
        return Roles.of_the_settings(cursor)


def test_the_manifest_is_what_the_migrations_make(roles: Roles) -> None:
    with snapshot() as cursor:
        made = rules.written(catalogue.read(cursor, roles))
    assert made == rules.MANIFEST.read_text(encoding="utf-8"), (
        "rules changed: run `make manifest` and read its difference"
    )


def test_it_is_not_written_where_the_site_is_the_owner(settings: Settings) -> None:
    settings.SITE_ROLE = settings.OWNER_DATABASE["USER"]
    with pytest.raises(CommandError, match="a role of its own"):
        call_command("ledger_manifest")


def test_where_the_site_is_the_owner_nobody_else_has_a_right(settings: Settings, superuser: None) -> None:
    settings.SITE_ROLE = settings.OWNER_DATABASE["USER"]
    assert faults_after("DROP OWNED BY wallet_site") == []
    found = faults_after("DROP OWNED BY wallet_site; GRANT UPDATE ON ledger_account TO wallet_site")
    assert found == [CHANGED + "table public.ledger_account: rights have 'role wallet_site: UPDATE' besides"]


def test_a_role_called_site_is_not_the_site(roles: Roles) -> None:
    assert [roles.called(name) for name in (roles.owner, str(roles.site), "", "pg_database_owner")] == [
        "owner",
        "site",
        "public",
        "owner",
    ]
    assert [roles.called(name) for name in ("site", "owner", "public")] == ["role site", "role owner", "role public"]
    assert Roles("wallet_owner", None, "admin").called("pg_database_owner") == "role pg_database_owner"
