"""One customer's whole journey through the pages, and every secret on the way."""

import re
from dataclasses import dataclass, field
from typing import Any

from django.core import mail
from django.test import Client

from accounts import totp
from accounts.models import User
from tests.accounts.people import PASSWORD, PAYMENT_PIN, VIEW_PIN, code_for

CODES = "[0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z]{4}"


@dataclass
class Journey:
    """What a thief would like to find, by what it is."""

    client: Client
    user: User
    secrets: dict[str, str] = field(default_factory=dict)


def travel(payee: User, email: str = "zelda@example.com") -> Journey:
    """Register, set up, take demo money, look, pay, sign out, sign in with a recovery code."""
    client = Client(headers={"User-Agent": "Firefox on Linux"})
    client.post("/register/", {"email": email})
    link = re.search(r"/join/([^/\s]+)/", str(mail.outbox[-1].body))
    assert link
    client.get(link[0])
    client.post("/join/", {"full_name": "Zelda Quibble", "handle": "zelda_q", "password": PASSWORD})
    journey = Journey(client, User.objects.get(email=email))
    seed = journey.user.authenticators.get().seed
    journey.secrets |= {"join token": link[1], "password": PASSWORD, "seed": seed.hex(), "payment PIN": PAYMENT_PIN}
    journey.secrets |= {"seed as text": totp.key_text(seed).replace(" ", "")}
    _set_up(journey)
    _pay(journey, payee)
    client.post("/logout/")
    client.post("/login/", {"email": email, "password": PASSWORD})
    assert client.post("/login/code/", {"code": journey.secrets["recovery code 0"]})["Location"] == "/wallet/"
    journey.secrets["session key"] = str(client.session.session_key)
    return journey


def _set_up(journey: Journey) -> None:
    client = journey.client
    journey.secrets["login code"] = code_for(journey.user)
    client.post("/setup/totp/", {"code": journey.secrets["login code"]})
    shown = re.findall(CODES, client.post("/setup/recovery/", {"action": "show"}).content.decode())
    journey.secrets |= {f"recovery code {number}": code for number, code in enumerate(shown)}
    client.post("/setup/recovery/", {"action": "saved"})
    done = client.post("/setup/pins/", {"view_pin": VIEW_PIN, "payment_pin": PAYMENT_PIN})
    assert done["Location"] == "/wallet/"


def _pay(journey: Journey, payee: User) -> None:
    client = journey.client
    client.post("/wallet/demo-money/")
    client.post("/wallet/reveal/", {"pin": VIEW_PIN})
    draft: Any = client.post("/send/", {"payee": f"@{payee.handle}", "amount": "12.34", "note": "for the violets"})
    done = client.post(draft["Location"], {"pin": PAYMENT_PIN})
    assert done["Location"].endswith("/done/")
