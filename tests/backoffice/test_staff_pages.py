"""Staff may ask anything: what makes no sense is the plain list, and what they may not change is on record."""

import logging
from collections.abc import Iterator
from urllib.parse import urlencode

import pytest
from django.apps import apps
from django.contrib import admin
from django.db import models
from django.test import Client

from accounts.models import NameWish, SecurityEvent, User
from backoffice.roles import AUDITORS, make_groups
from tests.people import make_customer, make_staff, sign_in
from tests.security.test_crawler import Zelda

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "serializable"])

VALUES = [
    "", "zz", "-1", "0", "1.5", "1e400", "NaN", "9" * 40, "-" + "9" * 40, "true", "2026-13-45", "99999-01-01",
    "0001-01-01", "infinity", "00000000-0000-0000-0000-000000000000", "zz-zz", "1,2,zz", ",", "\0", "a\0b",
    "\\", "'", '"; DROP', "%", "_", "((((", "[a", "😀", "\u202e", "None", "null", "[]", "{}", "x" * 3000, "::1/200",
]  # fmt: skip
LOOKUPS = [
    "", "exact", "iexact", "gt", "lte", "in", "range", "isnull", "year", "month", "day", "date", "hour", "week_day",
    "regex", "iregex", "contains", "startswith", "nonsense", "year__gt", "date__range", "id", "pk", "len", "0",
]  # fmt: skip
OWN = ["o", "p", "q", "e", "all", "_facets", "_popup", "_to_field", "_changelist_filters", "", "__", "pk", "id", "x"]
OURS = sorted(admin.site._registry, key=lambda model: model._meta.label)


def ids(model: type[models.Model]) -> str:
    return model._meta.label


def list_of(model: type[models.Model]) -> str:
    return f"/admin/{model._meta.app_label}/{model._meta.model_name}/"


def fields_of(model: type[models.Model]) -> list[str]:
    """Its columns, and those one step away: what a filter can name."""
    own = [field.name for field in model._meta.get_fields()]
    relations = [field for field in model._meta.fields if field.related_model]
    return own + [f"{one.name}__{far.name}" for one in relations for far in one.related_model._meta.fields]


@pytest.fixture
def auditor() -> Client:
    make_groups(apps.get_app_config("payments"), "default")
    Zelda()
    return as_staff("auditor@example.com", [AUDITORS])


def as_staff(address: str, groups: list[str]) -> Client:
    client = Client(raise_request_exception=False)
    sign_in(make_staff(address, groups), client)
    return client


def questions(model: type[models.Model]) -> Iterator[tuple[str, str]]:
    """Each lookup of each column, with some of the values: over all columns every lookup meets every value."""
    for number, name in enumerate(fields_of(model)):
        is_far = "__" in name
        for place, lookup in enumerate(LOOKUPS[:3] if is_far else LOOKUPS):
            step = 6 if lookup in ("", "range") and not is_far else 30
            for value in VALUES[(number + place) % step :: step]:
                yield (f"{name}__{lookup}" if lookup else name), value


@pytest.mark.asvs("16.5.1", "2.2.1")
@pytest.mark.parametrize("model", OURS, ids=ids)
def test_no_question_of_a_list_is_a_failure(auditor: Client, model: type[models.Model]) -> None:
    page = list_of(model)
    failed = [
        asked for asked in questions(model) if auditor.get(page, dict([asked])).status_code not in (200, 302, 400, 414)
    ]
    assert failed == []


@pytest.mark.parametrize("model", OURS, ids=ids)
def test_nor_of_its_other_parts(auditor: Client, model: type[models.Model]) -> None:
    failed, page = [], list_of(model)
    day = admin.site._registry[model].date_hierarchy
    hierarchy = [f"{day}__{part}" for part in ("year", "month", "day")] if day else []
    for value in VALUES[OURS.index(model) % 3 :: 3]:
        for asked in [
            *({name: value} for name in OWN),
            *({one: value} for one in hierarchy),
            dict.fromkeys(hierarchy, value),
        ]:
            if auditor.get(page, asked).status_code not in (200, 302, 400, 414):
                failed.append(asked)
    assert failed == []


@pytest.mark.parametrize("model", OURS, ids=ids)
@pytest.mark.parametrize("ending", ["change/", "history/", "delete/", ""])
def test_nor_of_an_object(auditor: Client, model: type[models.Model], ending: str) -> None:
    for value in [*VALUES[OURS.index(model) % 3 :: 3], "add", "_5F", "_00", "../../..", "1/2/3"]:
        path = f"{list_of(model)}{value}/{ending}"
        for asked in ("", "?_to_field=zz&_popup=1&_changelist_filters=%25%2500"):
            answer = auditor.get(path.replace("\0", "%00") + asked)
            assert answer.status_code in (200, 301, 302, 400, 403, 404, 414), path


@pytest.mark.parametrize("kind", ["0", "1", "999999", "9" * 30, "zz", "%00"])
@pytest.mark.parametrize("key", ["zz", "0", "9" * 30, "%00"])
def test_nor_elsewhere(auditor: Client, kind: str, key: str) -> None:
    asked = urlencode({"app_label": kind, "model_name": key, "field_name": "zz", "page": key, "term": "\0"})
    paths = [
        f"r/{kind}/{key}/",
        f"autocomplete/?{asked}",
        f"jsi18n/?{asked}",
        f"?{asked}",
        f"{kind}/",
        f"{kind}/{key}/",
    ]
    for path in paths:
        assert auditor.get(f"/admin/{path}").status_code in (200, 301, 302, 400, 403, 404, 414), path


def test_the_plain_list_says_why_it_is_plain(auditor: Client) -> None:
    answer = auditor.get("/admin/accounts/securityevent/", {"address": "zz"}, follow=True)
    assert answer.redirect_chain == [("/admin/accounts/securityevent/", 302)]
    assert "makes no sense here" in answer.content.decode()
    assert auditor.get("/admin/accounts/securityevent/", {"address": "198.51.100.77"}).status_code == 200


def test_a_failure_of_ours_is_not_called_an_odd_question(auditor: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> str:
        raise ValueError("a fault of ours")

    monkeypatch.setattr("backoffice.admin.books.money", broken)
    assert auditor.get("/admin/ledger/account/").status_code == 500
    assert auditor.get("/admin/ledger/account/", {"kind": "liability"}, follow=True).status_code == 500


# Writes that are refused


@pytest.fixture
def lines() -> Iterator[list[str]]:
    found: list[str] = []

    class Collecting(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            found.append(str(record.msg))

    handler = Collecting(logging.WARNING)
    logging.getLogger().addHandler(handler)
    yield found
    logging.getLogger().removeHandler(handler)


@pytest.mark.asvs("16.3.2", "16.3.3")
@pytest.mark.parametrize("model", OURS, ids=ids)
@pytest.mark.parametrize("who", ["an auditor", "a superuser", "staff without a role"])
def test_a_refused_write_is_on_record(model: type[models.Model], who: str, lines: list[str]) -> None:
    make_groups(apps.get_app_config("payments"), "default")
    zelda = Zelda()
    staff = make_staff("s@example.com", [AUDITORS] if who == "an auditor" else [], is_superuser=who == "a superuser")
    client = Client()
    sign_in(staff, client)
    key = {"user": zelda.user.pk, "transfer": zelda.paid}.get(model._meta.model_name or "", model.objects.last().pk)  # type: ignore[attr-defined]
    page, before = list_of(model), model.objects.count()  # type: ignore[attr-defined]
    tried = [
        (f"{page}add/", {"_save": "Save", "amount": "1"}),
        (f"{page}{key}/change/", {"_save": "Save", "amount": "1"}),
        (f"{page}{key}/delete/", {"post": "yes"}),
        (page, {"action": "delete_selected", "_selected_action": str(key), "post": "yes"}),
    ]
    if model is NameWish and who == "a superuser":
        del tried[1]  # who may decide upon a name writes on its page
    for number, (path, data) in enumerate(tried, start=1):
        assert client.post(path, data).status_code in (200, 403)
        assert SecurityEvent.objects.filter(user=staff, kind="write_refused").count() == number, path
        assert any("staff_write_refused" in line and str(staff.pk) in line and path in line for line in lines), path
    assert model.objects.count() == before + (len(tried) if model is SecurityEvent else 0)  # type: ignore[attr-defined]


def test_so_is_one_without_the_proof_of_a_form_and_one_by_another_method(lines: list[str]) -> None:
    staff = make_staff(is_superuser=True)
    client = Client(enforce_csrf_checks=True)
    sign_in(staff, client)
    assert client.post("/admin/ledger/transfer/add/", {"amount": "1"}).status_code == 403
    assert client.post("/admin/ledger/transfer/add/", headers={"Sec-Fetch-Site": "same-origin"}).status_code == 403
    assert client.delete("/admin/ledger/transfer/add/").status_code == 403
    assert staff.security_events.filter(kind="write_refused").count() == 3


def test_reading_leaves_no_such_line() -> None:
    make_groups(apps.get_app_config("payments"), "default")
    auditor = as_staff("auditor@example.com", [AUDITORS])
    for model in OURS:
        assert auditor.get(list_of(model)).status_code == 200
        assert auditor.get(f"{list_of(model)}add/").status_code == 403
    customer = Client()
    sign_in(make_customer(), customer)
    customer.post("/admin/ledger/transfer/add/")
    assert not SecurityEvent.objects.filter(kind="write_refused").exists()
    assert User.objects.count() == 2
