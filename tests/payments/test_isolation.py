"""Only money moves at SERIALIZABLE; what pages write around it does not pay for that."""

from collections.abc import Iterator

import pytest
from django.db import connection
from django.test import Client

from accounts.models import User
from payments.models import Payment
from tests import people

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "serializable"])

WATCH = """
CREATE TABLE seen (written text, isolation text);
CREATE FUNCTION note_isolation() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO seen VALUES (TG_TABLE_NAME, current_setting('transaction_isolation'));
    RETURN NULL;
END $$;
CREATE TRIGGER note_isolation AFTER INSERT ON ledger_transfer EXECUTE FUNCTION note_isolation();
CREATE TRIGGER note_isolation AFTER INSERT ON payments_payment EXECUTE FUNCTION note_isolation();
CREATE TRIGGER note_isolation AFTER INSERT OR UPDATE ON accounts_guard EXECUTE FUNCTION note_isolation();
"""
STOP = """
DROP FUNCTION note_isolation CASCADE;
DROP TABLE seen;
"""


@pytest.fixture
def watched() -> Iterator[None]:
    with connection.cursor() as cursor:
        cursor.execute(WATCH)
    yield
    with connection.cursor() as cursor:
        cursor.execute(STOP)


@pytest.mark.usefixtures("watched")
def test_the_transfer_is_serializable_and_the_pages_are_not(as_ada: Client, ada: User, grace: User) -> None:
    people.fund(ada, 100_00)
    as_ada.post("/send/", {"payee": "@grace", "amount": "12.34", "note": ""})
    as_ada.post(f"/send/{Payment.objects.get().id}/check/", {"pin": people.PAYMENT_PIN})
    with connection.cursor() as cursor:
        cursor.execute("SELECT DISTINCT written, isolation FROM seen ORDER BY 1")
        assert cursor.fetchall() == [
            ("accounts_guard", "read committed"),
            ("ledger_transfer", "serializable"),
            ("payments_payment", "read committed"),
        ]
