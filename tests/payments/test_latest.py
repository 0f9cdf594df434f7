"""/wallet/latest/: what the wallet page asks for while it is open."""

from datetime import timedelta

import pytest
import time_machine
from django.test import Client
from django.utils import timezone

from accounts.models import Session, User
from notices import delivery, outbox
from notices.models import Kind
from tests import people

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "serializable"])
ADDRESS = "/wallet/latest/"


def test_it_says_nothing_new_until_money_moves(as_ada: Client, ada: User) -> None:
    people.fund(ada, 12_34)
    first = as_ada.get(ADDRESS)
    assert "€12.34" in first.content.decode()
    again = as_ada.get(ADDRESS, headers={"If-None-Match": first["ETag"]})
    assert (again.status_code, again.content) == (304, b"")
    people.fund(ada, 5_67)
    changed = as_ada.get(ADDRESS, headers={"If-None-Match": first["ETag"]})
    assert changed.status_code == 200
    assert "Money in: €5.67 from Bank transfer" in " ".join(changed.content.decode().split())


def test_nothing_is_read_of_the_lines_when_nothing_changed(as_ada: Client, ada: User) -> None:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    people.fund(ada, 1_00)
    tag = as_ada.get(ADDRESS)["ETag"]
    with CaptureQueriesContext(connection) as asked:
        as_ada.get(ADDRESS, headers={"If-None-Match": tag})
    assert not [query for query in asked if "ledger_entry" in query["sql"]]
    assert len(asked) <= 6


def test_balances_are_masked_like_on_the_page(as_ada: Client, ada: User) -> None:
    people.fund(ada, 1_234_56)
    people.fund(ada, 1_00)
    masked = as_ada.get(ADDRESS)
    assert "1,235.56" not in masked.content.decode()
    people.reveal(as_ada)
    shown = as_ada.get(ADDRESS, headers={"If-None-Match": masked["ETag"]})
    assert "€1,235.56" in shown.content.decode()
    with time_machine.travel(timezone.now() + timedelta(seconds=121)):
        later = as_ada.get(ADDRESS, headers={"If-None-Match": shown["ETag"]})
    assert later.status_code == 200 and "1,235.56" not in later.content.decode()


def test_it_brings_the_bell(as_ada: Client, ada: User) -> None:
    tag = as_ada.get(ADDRESS)["ETag"]
    outbox.tell(ada.id, Kind.RECOVERY_USED)
    delivery.hand_out()
    changed = as_ada.get(ADDRESS, headers={"If-None-Match": tag})
    assert '<span class="bell__count">1' in changed.content.decode()


@pytest.mark.asvs("7.3.1")
def test_asking_keeps_no_session_alive(as_ada: Client, ada: User) -> None:
    as_ada.get("/wallet/")
    before = Session.objects.get(user=ada).last_used_at
    for minutes in (1, 2, 3, 4):
        with time_machine.travel(timezone.now() + timedelta(minutes=minutes)):
            assert as_ada.get(ADDRESS).status_code == 200
    assert Session.objects.get(user=ada).last_used_at == before
    with time_machine.travel(timezone.now() + timedelta(minutes=5, seconds=1)):
        assert as_ada.get(ADDRESS)["Location"].startswith("/login/")


def test_it_is_kept_by_no_browser(as_ada: Client) -> None:
    assert as_ada.get(ADDRESS)["Cache-Control"] == "no-store"
