"""/settings/data/: everything held about a customer, made by the worker, for that customer alone."""

import io
import json
import re
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import pytest
import time_machine
from beancount import loader
from django.apps import apps
from django.core.management import call_command
from django.db import IntegrityError, connection, models, transaction
from django.test import Client
from django.utils import timezone
from pytest_django.fixtures import Settings

from accounts.models import EmailChange, MailedToken, SecurityEvent, User
from ledger.models import Account, Entry
from payments.models import Payment
from tests import people
from tests.threads import run_together
from wallet_site.own_data import archive, requests
from wallet_site.own_data.models import Archive, Request
from wallet_site.own_data.tables import GIVEN, UNLISTED, WITHHELD

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "serializable"])
PAGE = "/settings/data/"
SECRETS = ["password", "pin", "digest", "stamp", "sealed", "seed", "session_key", "session_data", "fingerprint", "head"]


def ask(client: Client, user: User, **more: str) -> Any:
    return client.post(PAGE, {"current_password": people.PASSWORD, "code": people.code_for(user)} | more)


def read(content: bytes) -> dict[str, Any]:
    with ZipFile(io.BytesIO(content)) as file:
        assert file.testzip() is None
        return {name: file.read(name).decode() for name in file.namelist()}


def rows(files: dict[str, Any], table: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(files[f"tables/{table}.json"])
    return found


@pytest.fixture
def history(as_ada: Client, ada: User, grace: User, charlie: User) -> None:
    """Ada was given money and paid Grace; Charlie and Grace have a payment of their own."""
    people.fund(ada, 100_00)
    people.fund(charlie, 100_00)
    for client, payer, payee, note in ((as_ada, ada, grace, "violets"), (people.sign_in(charlie), charlie, grace, "x")):
        draft = Payment.objects.draft(payer=payer, payee=payee, amount=12_34, note=note)
        client.post(f"/send/{draft.pk}/check/", {"pin": people.PAYMENT_PIN})


# Deny by default


def test_every_table_of_the_database_is_in_one_of_the_two_lists() -> None:
    tables = set(connection.introspection.table_names())
    assert set(GIVEN).isdisjoint(WITHHELD)
    assert tables - set(GIVEN) - set(WITHHELD) == set(), "say what of it a customer is given, or why nothing is"
    assert set(GIVEN) <= tables
    assert {table for table in WITHHELD if not table.startswith("ledger_lane_")} <= tables


def people_in(model: type[models.Model]) -> bool:
    """Whether a row leads to a person or an account, over however many steps."""
    seen: set[Any] = set()
    waiting: list[Any] = [model]
    while waiting:
        one = waiting.pop()
        if one in (User, Account):
            return True
        if one not in seen:
            seen.add(one)
            waiting += [column.related_model for column in one._meta.concrete_fields if column.is_relation]
    return False


def test_every_model_that_leads_to_a_person_or_an_account_was_decided_upon() -> None:
    found = {model._meta.db_table for model in apps.get_models(include_auto_created=True) if people_in(model)}
    assert {"accounts_stepup", "ledger_entry", "payments_approval"} <= found
    assert found - set(GIVEN) - set(WITHHELD) == set()


def test_every_column_of_a_given_table_is_given_or_left_out_with_a_reason() -> None:
    for table, given in GIVEN.items():
        columns = [column.attname for column in archive.model_of(table)._meta.concrete_fields]
        assert sorted([*given.columns.split(), *given.withheld]) == sorted(columns), table
        assert all(given.withheld.values())


def test_no_secret_is_among_the_given_columns() -> None:
    for table, given in GIVEN.items():
        model = archive.model_of(table)
        for name in given.columns.split():
            assert not isinstance(model._meta.get_field(name), models.BinaryField), (table, name)
            assert not [word for word in SECRETS if word in name and name != "reason"], (table, name)


def test_a_table_that_nobody_has_decided_upon_is_named_and_not_given(ada: User) -> None:
    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE made_yesterday (user_id uuid, hobby text)")
        try:
            cursor.execute("INSERT INTO made_yesterday VALUES (%s, 'falconry')", [ada.pk])
            files = read(archive.of(ada))
        finally:
            cursor.execute("DROP TABLE made_yesterday")
    assert json.loads(files["manifest.json"])["tables"]["made_yesterday"] == {"nothing_because": UNLISTED}
    assert "falconry" not in str(files)


# What is in it


def test_it_holds_what_is_about_the_customer_and_names_every_table(history: None, as_ada: Client, ada: User) -> None:
    EmailChange.objects.create(
        user=ada, old_email=ada.email, new_email="ada@new.example", old_digest="a" * 64, new_digest="b" * 64,
        stamp=ada.session_stamp, expires_at=timezone.now(),
    )  # fmt: skip
    MailedToken.objects.create(purpose="password", email=ada.email, digest="c" * 64, expires_at=timezone.now())
    files = read(archive.of(ada))
    manifest = json.loads(files["manifest.json"])
    assert set(manifest["tables"]) == set(connection.introspection.table_names())
    assert rows(files, "accounts_user")[0]["email"] == ada.email
    account = Account.objects.for_owner(ada)
    assert rows(files, "ledger_account")[0]["balance"] == account.balance == 87_66
    assert [row["balance_after"] for row in rows(files, "ledger_entry")] == [100_00, 87_66]
    assert [row["memo"] for row in rows(files, "ledger_transfer") if row["memo"]] == ["violets"]
    assert len(rows(files, "payments_payment")) == len(rows(files, "accounts_session")) == 1
    assert len(rows(files, "accounts_emailchange")) == len(rows(files, "accounts_mailedtoken")) == 1
    for table, said in manifest["tables"].items():
        assert said.get("nothing_because") or said["rows"] == len(rows(files, table)), table
    assert manifest["tables"]["accounts_user"]["left_out"]["view_pin"]


def test_nothing_of_anybody_else_and_no_secret_is_in_it(
    history: None, as_ada: Client, ada: User, grace: User, charlie: User
) -> None:
    user, text = User.objects.get(pk=ada.pk), str(read(archive.of(ada)))
    others = [Account.objects.for_owner(other) for other in (grace, charlie)]
    foreign = [grace.email, charlie.email, "Charlie Babbage", str(grace.pk), str(charlie.pk), others[0].number]
    device, session = user.authenticators.get(), user.sessions.get()
    secret = [user.password, user.view_pin, user.payment_pin, str(user.session_stamp), session.session_key]
    secret += [bytes(device.sealed_seed).hex(), device.seed.hex(), Entry.objects.of(others[0])[0].digest.hex()]
    secret += [bytes(entry.digest).hex() for entry in Entry.objects.of(Account.objects.for_owner(ada))]
    assert [word for word in foreign + secret if word in text] == []


def test_its_journal_is_one_that_beancount_reads(history: None, ada: User, grace: User, tmp_path: Path) -> None:
    for user, payments in ((ada, 2), (grace, 2)):
        path = tmp_path / f"{user.handle}.beancount"
        path.write_text(read(archive.of(user))["journal.beancount"])
        entries, errors, _ = loader.load_file(str(path))
        assert errors == []
        kinds = [type(entry).__name__ for entry in entries]
        assert (kinds.count("Transaction"), kinds.count("Balance")) == (payments, 1)


def test_others_add_files_by_a_setting(ada: User, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archive, "more", lambda user: [("statements/2026-11.json", b"{}")], raising=False)
    settings.OWN_DATA_FILES = ["wallet_site.own_data.archive.more"]
    files = read(archive.of(ada))
    assert files["statements/2026-11.json"] == "{}"
    assert json.loads(files["manifest.json"])["files"] == ["statements/2026-11.json"]


# Asking, waiting, downloading


@pytest.mark.parametrize("wrong", [{"current_password": "wrong horse battery"}, {"code": "000000"}])
def test_it_takes_password_and_code(as_ada: Client, ada: User, wrong: dict[str, str]) -> None:
    assert ask(as_ada, ada, **wrong).status_code == 200
    assert not Request.objects.exists()


def test_the_whole_way_without_javascript(history: None, as_ada: Client, ada: User) -> None:
    assert ask(as_ada, ada)["Location"] == PAGE
    page = as_ada.get(PAGE)
    assert "putting it together" in page.content.decode()
    assert page["Refresh"] == "5; url=/settings/data/waiting/"
    assert as_ada.get("/settings/data/waiting/")["Refresh"] == page["Refresh"]
    assert (requests.make_one(), requests.make_one()) == (1, 0)
    assert as_ada.get("/settings/data/waiting/")["Location"] == PAGE
    page = as_ada.get(PAGE)
    assert "Your file is ready" in page.content.decode()
    assert "Download the file" not in page.content.decode()
    assert "Refresh" not in page
    assert as_ada.post("/settings/data/download/")["Location"] == "/wallet/reveal/?next=%2Fsettings%2Fdata%2F"
    answer = as_ada.post("/wallet/reveal/", {"pin": people.VIEW_PIN, "next": PAGE})
    assert answer["Location"] == PAGE
    file = as_ada.post("/settings/data/download/")
    assert file["Content-Type"] == "application/zip"
    assert re.fullmatch(r'attachment; filename="own-data-ada-\d{4}-\d\d-\d\d.zip"', file["Content-Disposition"])
    assert file["Cache-Control"] == "no-store"
    assert "manifest.json" in read(file.content)
    kinds = set(SecurityEvent.objects.filter(user=ada).values_list("kind", flat=True))
    assert {"own_data_asked", "own_data_fetched"} <= kinds


def test_waiting_keeps_no_session_alive(as_ada: Client, ada: User) -> None:
    Request.objects.create(user=ada)
    with time_machine.travel(timezone.now() + timedelta(minutes=4)):
        assert as_ada.get("/settings/data/waiting/").status_code == 200
    with time_machine.travel(timezone.now() + timedelta(minutes=6)):
        assert as_ada.get("/settings/data/waiting/")["Location"].startswith("/login/")


def test_nobody_else_downloads_it(as_ada: Client, as_grace: Client, ada: User) -> None:
    ask(as_ada, ada)
    requests.make_one()
    people.reveal(as_grace)
    assert as_grace.post("/settings/data/download/")["Location"] == PAGE
    assert "file is ready" not in as_grace.get(PAGE).content.decode()


def test_it_is_gone_after_a_week(as_ada: Client, ada: User) -> None:
    ask(as_ada, ada)
    requests.make_one()
    with time_machine.travel(timezone.now() + timedelta(days=6, hours=23)):
        call_command("clear_expired")
        assert Archive.objects.exists()
    with time_machine.travel(timezone.now() + timedelta(days=7, minutes=1)):
        late = people.sign_in(ada)
        people.reveal(late)
        assert late.post("/settings/data/download/")["Location"] == PAGE
        assert "file is ready" not in late.get(PAGE).content.decode()
        call_command("clear_expired")
        assert not Archive.objects.exists()
    with time_machine.travel(timezone.now() + timedelta(days=40)):
        call_command("clear_expired")
        assert not Request.objects.exists()


def test_a_new_wish_ends_the_file_before(as_ada: Client, ada: User) -> None:
    ask(as_ada, ada)
    requests.make_one()
    ask(as_ada, ada, code=people.code_for(ada, 1))
    assert not Archive.objects.exists()
    assert "file is ready" not in as_ada.get(PAGE).content.decode()
    requests.make_one()
    assert Archive.objects.count() == 1


def test_a_second_wish_while_one_waits_is_the_first(as_ada: Client, ada: User) -> None:
    ask(as_ada, ada)
    ask(as_ada, ada, code=people.code_for(ada, 1))
    assert Request.objects.count() == 1
    with pytest.raises(IntegrityError, match="own_data_one_waiting"), transaction.atomic():
        Request.objects.create(user=ada)


def test_two_workers_make_one_file(ada: User) -> None:
    Request.objects.create(user=ada)
    assert sorted(map(str, run_together([requests.make_one] * 4))) == ["0", "0", "0", "1"]
    assert Archive.objects.count() == 1


def test_a_worker_that_lost_its_claim_writes_nothing(ada: User, monkeypatch: pytest.MonkeyPatch) -> None:
    Request.objects.create(user=ada)
    make = archive.of

    def slow(user: User) -> bytes:
        Request.objects.update(claimed_until=timezone.now() + timedelta(hours=1))  # another worker's, meanwhile
        return make(user)

    monkeypatch.setattr(archive, "of", slow)
    requests.make_one()
    assert not Archive.objects.exists()
    assert Request.objects.get().made_at is None


def test_what_cannot_be_made_is_tried_again_and_then_said(
    as_ada: Client, ada: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    Request.objects.create(user=ada)
    monkeypatch.setattr(archive, "of", lambda user: 1 / 0)
    for _ in range(requests.MOST_TRIES):
        Request.objects.update(next_at=timezone.now())
        with pytest.raises(ZeroDivisionError):
            requests.make_one()
        assert as_ada.get(PAGE).status_code == 200
    assert "could not put it together" in as_ada.get(PAGE).content.decode()
    assert requests.make_one() == 0


def test_two_windows_that_ask_at_once_are_one_wish(ada: User) -> None:
    browsers = [people.sign_in(ada) for _ in range(3)]
    codes = [people.code_for(ada, offset) for offset in (-1, 0, 1)]
    jobs = [partial(ask, browser, ada, code=code) for browser, code in zip(browsers, codes, strict=True)]
    answers = run_together(jobs)
    assert all(getattr(answer, "status_code", 0) in (200, 302) for answer in answers), answers
    assert Request.objects.filter(next_at__isnull=False).count() == 1
