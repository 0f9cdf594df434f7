"""The security log: append-only, and each sees what is theirs."""

from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.test import Client

from accounts.credentials import recovery_codes
from accounts.models import SecurityEvent
from tests.people import PASSWORD, code_for, make_customer, sign_in, sign_in_by_pages

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.mark.asvs("16.3.1", "16.2.1")
def test_a_sign_in_is_logged_with_time_address_and_device(client: Client) -> None:
    alice = make_customer()
    client.defaults |= {"HTTP_USER_AGENT": "Firefox on Linux", "REMOTE_ADDR": "192.0.2.7"}
    sign_in_by_pages(alice, client)
    event = SecurityEvent.objects.get()
    assert (event.kind, event.address, event.agent) == ("signed_in", "192.0.2.7", "Firefox on Linux")


@pytest.mark.asvs("16.3.1")
def test_what_goes_wrong_is_logged_too(client: Client) -> None:
    alice = make_customer()
    for _ in range(6):
        client.post("/login/", {"email": alice.email, "password": "wrong horse battery"})
    kinds = list(SecurityEvent.objects.order_by("id").values_list("kind", flat=True))
    assert kinds == ["sign_in_refused"] * 4 + ["locked"]
    other = Client()
    sign_in(alice, other)
    other.post("/logout/")
    assert SecurityEvent.objects.filter(kind="signed_out").count() == 1


def test_nobody_unknown_is_logged(client: Client) -> None:
    client.post("/login/", {"email": "nobody@example.com", "password": PASSWORD})
    assert not SecurityEvent.objects.exists()


@pytest.mark.asvs("16.4.2")
@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE accounts_securityevent SET kind = 'joined'",
        "DELETE FROM accounts_securityevent",
        "TRUNCATE accounts_securityevent",
    ],
)
def test_the_database_refuses_to_change_or_delete_a_line(statement: str) -> None:
    SecurityEvent.objects.create(user=make_customer(), kind="locked")
    with pytest.raises(IntegrityError) as refusal, transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)
    cause: Any = refusal.value.__cause__
    assert cause.diag.constraint_name == "security_events_are_append_only"
    assert SecurityEvent.objects.count() == 1


def test_customers_see_their_own_only(client: Client) -> None:
    alice, bob = make_customer(), make_customer("bob")
    SecurityEvent.objects.create(user=alice, kind="locked", address="192.0.2.1")
    SecurityEvent.objects.create(user=bob, kind="pins_changed", address="192.0.2.2")
    sign_in(alice, client)
    page = client.get("/settings/security/").content.decode()
    assert "192.0.2.1" in page
    assert "192.0.2.2" not in page


def test_using_a_recovery_code_is_logged(client: Client) -> None:
    alice = make_customer()
    client.post("/login/", {"email": alice.email, "password": PASSWORD})
    client.post("/login/code/", {"code": recovery_codes.issue_recovery(alice)[0]})
    assert set(SecurityEvent.objects.values_list("kind", flat=True)) == {"recovery_used", "signed_in"}


def test_wrong_codes_are_logged(client: Client) -> None:
    alice = make_customer()
    client.post("/login/", {"email": alice.email, "password": PASSWORD})
    client.post("/login/code/", {"code": code_for(alice, 9)})
    assert SecurityEvent.objects.get().kind == "sign_in_refused"
