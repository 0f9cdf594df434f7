"""A deployment in which the site's role may do what it should not says so: `check` and `/readyz` name it."""

import os
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from django.test import Client
from pytest_django import Settings

from tests.production import ENVIRONMENT
from tests.running import bare_environment, manage
from wallet_site import health, rights
from wallet_site.embedded.cluster import Cluster
from wallet_site.embedded.roles import DATABASE, OWNER_ROLE, SITE_ROLE, Urls


@pytest.fixture(scope="module")
def urls(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Urls]:
    """A database as `manage.py migrate` leaves it."""
    data_dir: Path = tmp_path_factory.mktemp("rights") / "data"
    with Cluster(data_dir, throw_away=True, say=lambda line: None).use() as urls:
        assert manage(bare_environment(data_dir), "migrate").returncode == 0
        yield urls


def found(urls: Urls) -> list[str]:
    with psycopg.connect(urls.site) as site, site.cursor() as cursor:
        return rights.faults(cursor)  # type: ignore[arg-type]  # the same questions, asked without Django


def test_nothing_is_wrong_after_migrate(urls: Urls) -> None:
    assert found(urls) == []


# What a deployment may have got wrong, how it is taken back, and what is said of it.
CARELESS = {
    f"ALTER ROLE {SITE_ROLE} SUPERUSER": (f"ALTER ROLE {SITE_ROLE} NOSUPERUSER", "superuser"),
    f"ALTER ROLE {SITE_ROLE} CREATEROLE": (f"ALTER ROLE {SITE_ROLE} NOCREATEROLE", "may make roles"),
    f"ALTER ROLE {SITE_ROLE} BYPASSRLS": (f"ALTER ROLE {SITE_ROLE} NOBYPASSRLS", "passes row security"),
    f"GRANT {OWNER_ROLE} TO {SITE_ROLE}": (f"REVOKE {OWNER_ROLE} FROM {SITE_ROLE}", f"owns the books: {OWNER_ROLE}"),
    f"GRANT {OWNER_ROLE} TO {SITE_ROLE} WITH INHERIT FALSE": (
        f"REVOKE {OWNER_ROLE} FROM {SITE_ROLE}",
        f"owns the books: {OWNER_ROLE}",
    ),
    f"GRANT pg_write_all_data TO {SITE_ROLE}": (f"REVOKE pg_write_all_data FROM {SITE_ROLE}", "pg_write_all_data"),
    f"GRANT CREATE ON SCHEMA public TO {SITE_ROLE}": (
        f"REVOKE CREATE ON SCHEMA public FROM {SITE_ROLE}",
        "may make objects in a schema: public",
    ),
    "GRANT CREATE ON SCHEMA public TO PUBLIC": ("REVOKE CREATE ON SCHEMA public FROM PUBLIC", "in a schema: public"),
    f"CREATE SCHEMA other; GRANT CREATE ON SCHEMA other TO {SITE_ROLE}": ("DROP SCHEMA other", "in a schema: other"),
    f"GRANT TEMPORARY ON DATABASE {DATABASE} TO PUBLIC": (
        f"REVOKE TEMPORARY ON DATABASE {DATABASE} FROM PUBLIC",
        f"temporary tables or schemas in the database: {DATABASE}",
    ),
    f"GRANT CREATE ON DATABASE {DATABASE} TO {SITE_ROLE}": (
        f"REVOKE CREATE ON DATABASE {DATABASE} FROM {SITE_ROLE}",
        "temporary tables or schemas",
    ),
    "GRANT EXECUTE ON FUNCTION ledger_post() TO PUBLIC": (
        "REVOKE EXECUTE ON FUNCTION ledger_post() FROM PUBLIC",
        "may call a function of the books that is not for it: ledger_post()",
    ),
    f"GRANT UPDATE (floor) ON ledger_account TO {SITE_ROLE}": (
        f"REVOKE UPDATE (floor) ON ledger_account FROM {SITE_ROLE}",
        "than read and post: ledger_account",
    ),
    f"GRANT INSERT (kind) ON ledger_account TO {SITE_ROLE}": (
        f"REVOKE INSERT (kind) ON ledger_account FROM {SITE_ROLE}",
        "than read and post: ledger_account",
    ),
    f"GRANT INSERT (seq) ON ledger_entry TO {SITE_ROLE}": (
        f"REVOKE INSERT (seq) ON ledger_entry FROM {SITE_ROLE}",
        "than read and post: ledger_entry",
    ),
    f"GRANT TRIGGER ON ledger_transfer TO {SITE_ROLE}": (
        f"REVOKE TRIGGER ON ledger_transfer FROM {SITE_ROLE}",
        "than read and post: ledger_transfer",
    ),
    f"GRANT INSERT ON ledger_posting_rule TO {SITE_ROLE}": (
        f"REVOKE INSERT ON ledger_posting_rule FROM {SITE_ROLE}",
        "than read and post: ledger_posting_rule",
    ),
    f"GRANT SET ON PARAMETER session_replication_role TO {SITE_ROLE}": (
        f"REVOKE SET ON PARAMETER session_replication_role FROM {SITE_ROLE}",
        "may switch the rules off: session_replication_role",
    ),
    f"CREATE TABLE mine (); ALTER TABLE mine OWNER TO {SITE_ROLE}": ("DROP TABLE mine", "owns something: mine"),
    "UPDATE ledger_currency SET code = 'XAU'": (
        "UPDATE ledger_currency SET code = 'EUR'",
        "no wallet can be opened in EUR",
    ),
    f"REVOKE ALL ON ledger_currency FROM {SITE_ROLE}": (
        f"GRANT SELECT ON ledger_currency TO {SITE_ROLE}",
        "no wallet can be opened in EUR",
    ),
}


@pytest.mark.asvs("13.2.2")
@pytest.mark.parametrize("grant", CARELESS)
def test_what_a_deployment_got_wrong_is_named(grant: str, urls: Urls) -> None:
    back, sentence = CARELESS[grant]
    with psycopg.connect(urls.superuser, autocommit=True) as superuser:
        superuser.execute(grant)
        try:
            assert any(sentence in each for each in found(urls)), found(urls)
        finally:
            superuser.execute(back)
    assert found(urls) == []


@pytest.mark.parametrize(
    "grant",
    [
        "GRANT CREATE ON SCHEMA public TO PUBLIC",
        f"GRANT TEMPORARY ON DATABASE {DATABASE} TO PUBLIC, {SITE_ROLE}",
        "GRANT EXECUTE ON ALL ROUTINES IN SCHEMA public TO PUBLIC",
        f"GRANT ALL ON ALL TABLES IN SCHEMA public TO {SITE_ROLE}",
        f"GRANT ALL ON ALL SEQUENCES IN SCHEMA public TO {SITE_ROLE}",
        f"GRANT ALL ON ALL ROUTINES IN SCHEMA public TO {SITE_ROLE}",
        f"GRANT UPDATE (floor, status) ON ledger_account TO {SITE_ROLE}",
    ],
)
def test_what_the_owner_can_take_away_is_gone_after_the_next_migrate(grant: str, urls: Urls, tmp_path: Path) -> None:
    with psycopg.connect(urls.owner, autocommit=True) as owner:
        owner.execute(grant)
    environment = {"DATABASE_URL": urls.site, "OWNER_DATABASE_URL": urls.owner}
    assert manage(bare_environment(tmp_path / "data") | environment, "migrate").returncode == 0
    assert found(urls) == []
    with psycopg.connect(urls.site) as site, pytest.raises(psycopg.errors.InsufficientPrivilege):
        site.execute("SELECT setval('accounts_guard_id_seq', 1)")


def production(urls: Urls, tmp_path: Path, site: str) -> dict[str, str]:
    return {
        **bare_environment(tmp_path / "data"),
        **ENVIRONMENT,
        "DATABASE_URL": site,
        "OWNER_DATABASE_URL": urls.owner,
    }


def test_check_names_it(urls: Urls, tmp_path: Path) -> None:
    arguments = ("check", "--deploy", "--database", "default", "--fail-level", "WARNING")
    assert manage(production(urls, tmp_path, urls.site), *arguments).returncode == 0
    done = manage(production(urls, tmp_path, urls.owner), *arguments)
    assert done.returncode == 1
    assert f"(wallet_site.E001) the site's role has the rights of whoever owns the books: {OWNER_ROLE}" in done.stderr
    away = production(urls, tmp_path, ENVIRONMENT["DATABASE_URL"])
    assert "(wallet_site.E002)" in manage(away, *arguments).stderr


@pytest.mark.django_db(transaction=True, databases=["default", "serializable"])
@pytest.mark.parametrize("mode", ["DEMO", "DEBUG", ""])
def test_a_site_that_runs_as_the_owner_is_not_ready_outside_demo_mode(
    mode: str, client: Client, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The tests run as the owner of the tables."""
    monkeypatch.setattr(health, "rights_found", None)
    settings.DEMO, settings.DEBUG = mode == "DEMO", mode == "DEBUG"
    answer = client.get("/readyz")
    if mode:
        assert answer.content.startswith(b"ready\n")
    else:
        assert answer.status_code == 503
        assert b"the site's role" in answer.content


def test_the_tests_need_no_right_that_a_deployment_does_not_give() -> None:
    with psycopg.connect(os.environ["SITE_ROLE_DATABASE_URL"]) as site:
        row = site.execute("SELECT has_database_privilege(current_database(), 'TEMPORARY')").fetchone()
    assert row == (False,)
