"""From an email address to an open wallet, page by page."""

import re
from typing import Any

import pytest
from django.core import mail
from django.test import Client
from django.urls import reverse

from accounts.models import User
from tests.accounts.people import PASSWORD, PAYMENT_PIN, VIEW_PIN, code_for

pytestmark = pytest.mark.django_db(transaction=True)


def invite(client: Client, email: str = "ada@example.com") -> str:
    response = client.post(reverse("accounts:register"), {"email": email})
    assert response["Location"] == reverse("accounts:register_sent")
    link = re.search(r"https?://testserver(/join/\S+)", str(mail.outbox[-1].body))
    assert link
    return link[1]


def join(client: Client, **changes: str) -> Any:
    client.get(invite(client))
    data = {"full_name": "Ada Lovelace", "handle": "ada_l", "password": PASSWORD} | changes
    return client.post(reverse("accounts:join_form"), data)


def test_it_leads_from_an_email_to_the_wallet(client: Client) -> None:
    assert join(client)["Location"] == reverse("accounts:setup_totp")
    ada = User.objects.get()

    page = client.get(reverse("accounts:setup_totp"))
    assert "<svg" in page.content.decode()
    assert "style=" not in page.content.decode()
    confirmed = client.post(reverse("accounts:setup_totp"), {"code": code_for(ada)})
    assert confirmed["Location"] == reverse("accounts:setup_recovery")

    shown = client.post(reverse("accounts:setup_recovery"), {"action": "show"}).content.decode()
    assert len(re.findall("[0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z]{4}", shown)) == 10
    saved = client.post(reverse("accounts:setup_recovery"), {"action": "saved"})
    assert saved["Location"] == reverse("accounts:setup_pins")

    pins = {"view_pin": VIEW_PIN, "payment_pin": PAYMENT_PIN}
    assert client.post(reverse("accounts:setup_pins"), pins)["Location"] == reverse("payments:wallet")
    assert User.objects.get().missing_step() is None
    assert client.get(reverse("accounts:settings")).status_code == 200
