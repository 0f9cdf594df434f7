"""What is known of somebody, or was right, makes no difference that anybody could count or time before both are right."""

import re

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.credentials import recovery_codes
from accounts.models import Guard, Tally
from notices.models import Outbox
from tests.people import PASSWORD, code_for, make_begun, make_customer

pytestmark = pytest.mark.django_db(transaction=True)
WRONG = "wrong horse battery"


def verbs(client: Client, address: str, form: dict[str, str]) -> list[str]:
    """What the database was asked for by one request, without tables and values."""
    with CaptureQueriesContext(
        connection,
    ) as asked:
        client.post(address, form)
    words = [re.split(r"\W", query["sql"].strip(), maxsplit=1)[0].upper() for query in asked]
    alike = {"RELEASE": "SAVEPOINT'S END", "ROLLBACK": "SAVEPOINT'S END", "SET": "SELECT"}  # SET CONSTRAINTS looks up
    return [alike.get(word, word) for word in words]


@pytest.mark.asvs("6.3.8")
@pytest.mark.parametrize("code", ["totp", "recovery"])
def test_sign_ins_ask_the_database_for_the_same_whatever_is_wrong(code: str) -> None:
    alice = make_customer()
    recovery_codes.issue_recovery(alice)
    typed = recovery_codes.new() if code == "recovery" else "000000" if code_for(alice) != "000000" else "000001"
    seen = {}
    for name, (email, password) in {
        "unknown": ("nobody@example.com", PASSWORD),
        "wrong": (alice.email, WRONG),
        "right": (alice.email, PASSWORD),
    }.items():
        warm = Client(REMOTE_ADDR="192.0.2.9")  # the counters' rows are there
        warm.post("/login/", {"email": email, "password": password})
        warm.post("/login/code/", {"code": typed})
        client = Client(REMOTE_ADDR="192.0.2.9")
        first = verbs(client, "/login/", {"email": email, "password": password})
        seen[name] = (first, verbs(client, "/login/code/", {"code": typed}))
    assert seen["unknown"] == seen["wrong"] == seen["right"]


@pytest.mark.asvs("6.3.8")
def test_the_try_that_locks_asks_for_the_same_whether_there_is_somebody_to_tell_of_it() -> None:
    alice = make_customer()
    seen = {}
    for email in (alice.email, "nobody@example.com"):
        form = {"email": email, "password": WRONG}
        for _ in range(4):
            Client(REMOTE_ADDR="192.0.2.9").post("/login/", form)
        fifth, sixth = (verbs(Client(REMOTE_ADDR="192.0.2.9"), "/login/", form) for _ in range(2))
        seen[email] = fifth, sixth
    assert list(Outbox.objects.values_list("user", "kind")) == [(alice.id, "locked")]
    assert seen[alice.email] == seen["nobody@example.com"]


@pytest.mark.asvs("6.3.8")
def test_whose_a_line_of_the_log_is_gets_looked_up_whether_it_is_kept_or_not() -> None:
    """Left to the end of the transaction, only the user of a kept line would be."""
    alice = make_customer()
    for email, looks_up in ((alice.email, "SET CONSTRAINTS ALL IMMEDIATE"), ("nobody@example.com", "FOR KEY SHARE")):
        with CaptureQueriesContext(connection) as asked:
            Client().post("/login/", {"email": email, "password": WRONG})
        said = [query["sql"] for query in asked]
        (line,) = [place for place, sql in enumerate(said) if 'INSERT INTO "accounts_securityevent"' in sql]
        assert looks_up in said[line + 1]
        assert said[line + 2].startswith(("RELEASE", "ROLLBACK"))


@pytest.mark.asvs("6.3.8")
@pytest.mark.parametrize("address", ["/recover/", "/register/"])
def test_mailing_pages_ask_the_database_for_the_same_for_every_email(address: str) -> None:
    alice = make_customer()
    seen = []
    for email in (alice.email, "nobody@example.com"):
        Client().post(address, {"email": email})
        seen.append(verbs(Client(), address, {"email": email}))
    assert seen[0] == seen[1]


@pytest.mark.asvs("6.3.1")
def test_the_networks_limit_does_not_tell_whether_a_password_was_right() -> None:
    """Twenty tries less junk ones: how many are left must not depend on a leaked password among them."""
    alice = make_customer()
    left = []
    for address, password in (("192.0.2.1", WRONG), ("192.0.2.2", PASSWORD)):
        Client(REMOTE_ADDR=address).post("/login/", {"email": alice.email, "password": password})
        left.append(Tally.objects.filter(scope="sign_in").order_by("id").last().count)
    assert left[0] == left[1]


def test_a_whole_sign_in_gives_its_try_back() -> None:
    alice = make_customer()
    client = Client()
    client.post("/login/", {"email": alice.email, "password": PASSWORD})
    assert Tally.objects.get(scope="sign_in").count == 1
    client.post("/login/code/", {"code": code_for(alice)})
    assert Tally.objects.get(scope="sign_in").count == 0


def test_a_first_authenticator_gives_the_try_back_too() -> None:
    bob = make_begun()
    client = Client()
    client.post("/login/", {"email": bob.email, "password": PASSWORD})
    assert Tally.objects.get(scope="sign_in").count == 1
    client.post("/setup/totp/", {"code": code_for(bob)})
    assert Tally.objects.get(scope="sign_in").count == 0


@pytest.mark.asvs("6.3.1")
def test_a_right_password_alone_ends_no_run_of_failures() -> None:
    alice = make_customer()
    for _ in range(3):
        Client().post("/login/", {"email": alice.email, "password": WRONG})
    client = Client()
    client.post("/login/", {"email": alice.email, "password": PASSWORD})
    guard = Guard.objects.get(subject=alice.id, kind="password")
    assert (guard.failures, guard.pending) == (3, {})
    client.post("/login/code/", {"code": code_for(alice)})
    guard.refresh_from_db()
    assert guard.failures == 0
