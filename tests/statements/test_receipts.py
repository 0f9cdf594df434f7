"""/send/<uuid>/done/ and /activity/<uuid>/: one transfer, two readers."""

import uuid

import pytest
from django.test import Client

from accounts.models import User
from ledger.models import Transfer
from payments.models import Payment
from tests import people

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "serializable"])


@pytest.fixture
def transfer(as_ada: Client, ada: User, grace: User) -> Transfer:
    people.fund(ada, 100_00)
    payment = Payment.objects.draft(payer=ada, payee=grace, amount=12_34, note="Lunch")
    as_ada.post(f"/send/{payment.id}/check/", {"pin": people.PAYMENT_PIN})
    return Transfer.objects.get(id=payment.id)


def test_the_payer_gets_a_permanent_receipt(as_ada: Client, transfer: Transfer) -> None:
    for _ in range(2):
        html = as_ada.get(f"/send/{transfer.id}/done/").content.decode()
        for shown in ("Payment sent", "Grace Hopper", "€12.34", "Lunch", transfer.reference, "••••••"):
            assert shown in html
        assert "€87.66" not in html


def test_the_receipt_shows_the_balance_after_once_revealed(as_ada: Client, transfer: Transfer) -> None:
    people.reveal(as_ada)
    page = as_ada.get(f"/send/{transfer.id}/done/")
    assert "€87.66" in page.content.decode()
    assert 1 <= people.reload_in(page) <= 121


def test_both_parties_read_the_same_transfer_from_their_side(
    as_ada: Client, as_grace: Client, transfer: Transfer
) -> None:
    hers = as_ada.get(f"/activity/{transfer.id}/").content.decode()
    his = as_grace.get(f"/activity/{transfer.id}/").content.decode()
    assert "You sent" in hers
    assert "−€12.34" in hers
    assert "Grace Hopper" in hers
    assert "You received" in his
    assert "+€12.34" in his
    assert "Ada Lovelace" in his
    assert transfer.reference in hers
    assert transfer.reference in his


def test_nobody_else_reads_it(charlie: User, transfer: Transfer) -> None:
    assert people.sign_in(charlie).get(f"/activity/{transfer.id}/").status_code == 404


def test_an_unknown_transfer_is_not_found(as_ada: Client) -> None:
    assert as_ada.get(f"/activity/{uuid.uuid4()}/").status_code == 404
