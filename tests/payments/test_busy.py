"""Somebody else holds the wallet's row for longer than the database lets us wait."""

import os

import psycopg
import pytest
from django.db import connection, connections
from django.test import Client

from accounts.models import User
from ledger.models import Account, Transfer
from payments.models import Payment
from tests import people

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "serializable"])


def test_a_confirm_that_waits_too_long_is_a_503_and_can_be_tried_again(as_ada: Client, ada: User, grace: User) -> None:
    people.fund(ada, 100_00)
    payment = Payment.objects.draft(payer=ada, payee=grace, amount=12_34, note="")
    as_ada.raise_request_exception = False
    database = connection.settings_dict["NAME"]
    with psycopg.connect(os.environ["OWNER_DATABASE_URL"], dbname=database) as other:
        other.execute("SELECT FROM ledger_account WHERE id = %s FOR UPDATE", [Account.objects.for_owner(ada).pk])
        with connections["serializable"].cursor() as cursor:
            cursor.execute("SET lock_timeout = '200ms'")  # eight seconds otherwise
        response = as_ada.post(f"/send/{payment.id}/check/", {"pin": people.PAYMENT_PIN})
        connections["serializable"].close()
    assert response.status_code == 503
    assert response["Retry-After"]
    assert not Transfer.objects.filter(id=payment.id).exists()
    assert as_ada.post(f"/send/{payment.id}/check/", {"pin": people.PAYMENT_PIN}).status_code == 302
    assert people.balance(ada) == 87_66
