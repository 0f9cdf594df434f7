"""PostgreSQL refuses to serialize, for real, while a customer confirms a payment."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import pytest
from django.db import connection
from django.test import Client

from accounts.models import User
from ledger.db import ATTEMPTS
from ledger.models import Entry, Transfer
from ledger.posting import post
from payments.models import Payment
from tests import people
from tests.ledger.test_serializable import AT_A_STATEMENT, failures

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "serializable"])

# A sequence is not rolled back, so it counts attempts across them.
REFUSE = """
CREATE SEQUENCE attempts_seen;
CREATE FUNCTION refuse_to_serialize() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF nextval('attempts_seen') <= {times} THEN
        RAISE EXCEPTION 'could not serialize access' USING ERRCODE = '40001';
    END IF;
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER refuse_to_serialize AFTER INSERT ON ledger_transfer
    {when} FOR EACH ROW WHEN (NEW.kind = 'payment') EXECUTE FUNCTION refuse_to_serialize();
"""
STOP = """
DROP TRIGGER IF EXISTS refuse_to_serialize ON ledger_transfer;
DROP FUNCTION IF EXISTS refuse_to_serialize;
DROP SEQUENCE IF EXISTS attempts_seen;
"""
MOMENTS = {"at a statement": "NOT DEFERRABLE", "at COMMIT": "DEFERRABLE INITIALLY DEFERRED"}


@pytest.fixture(params=MOMENTS)
def refusing(request: pytest.FixtureRequest) -> Iterator[Callable[[int], None]]:
    def refuse(times: int) -> None:
        with connection.cursor() as cursor:
            cursor.execute(REFUSE.format(times=times, when=MOMENTS[request.param]))

    yield refuse
    with connection.cursor() as cursor:
        cursor.execute(STOP)


@pytest.fixture
def payment(ada: User, grace: User) -> Payment:
    people.fund(ada, 100_00)
    return Payment.objects.draft(payer=ada, payee=grace, amount=12_34, note="Lunch")


def confirm(client: Client, payment: Payment) -> Any:
    client.raise_request_exception = False
    return client.post(f"/send/{payment.id}/check/", {"pin": people.PAYMENT_PIN})


def test_nine_refusals_are_not_noticed(
    as_ada: Client, ada: User, payment: Payment, refusing: Callable[[int], None]
) -> None:
    refusing(9)
    assert confirm(as_ada, payment).status_code == 302
    assert Transfer.objects.get(id=payment.id).attempts == 10
    assert people.balance(ada) == 87_66
    assert as_ada.get(f"/send/{payment.id}/done/").status_code == 200


@pytest.mark.asvs("16.5.1", "16.5.3")
def test_ten_refusals_are_a_generic_500_and_nothing_is_written(
    as_ada: Client, ada: User, payment: Payment, refusing: Callable[[int], None]
) -> None:
    refusing(10)
    response = confirm(as_ada, payment)
    assert response.status_code == 500
    html = response.content.decode()
    assert response["X-Request-Id"] in html
    assert "SerializationExhausted" not in html
    assert "40001" not in html
    assert not Transfer.objects.filter(id=payment.id).exists()
    assert not Entry.objects.filter(transfer_id=payment.id).exists()
    assert people.balance(ada) == 100_00


def test_who_gives_up_on_what_another_tab_has_paid_meanwhile_proves_it_and_shows_the_receipt(
    as_ada: Client, payment: Payment, monkeypatch: pytest.MonkeyPatch
) -> None:
    proven: list[bool] = []
    with ExitStack() as stack:

        def prove(*_: object) -> None:
            post([payment.order()])
            stack.enter_context(failures(ATTEMPTS, AT_A_STATEMENT))

        monkeypatch.setattr("payments.proof.prove", prove)
        monkeypatch.setattr("payments.gate.prove_replicated", lambda: proven.append(True))
        answer = confirm(as_ada, payment)
    assert answer["Location"] == payment.done_url
    assert proven == [True]
    assert Transfer.objects.filter(kind="payment").count() == 1


def test_after_a_500_the_same_payment_can_be_confirmed_again(
    as_ada: Client, ada: User, payment: Payment, refusing: Callable[[int], None]
) -> None:
    refusing(10)
    assert confirm(as_ada, payment).status_code == 500
    assert confirm(as_ada, payment).status_code == 302
    assert people.balance(ada) == 87_66
