"""One mailbox has one spelling here, in whichever way its domain is written."""

import os
from io import StringIO
from typing import Any

import pytest
from django.core import mail
from django.core.exceptions import ValidationError
from django.core.management import CommandError, call_command
from django.test import Client
from django.urls import reverse

from accounts.models import User
from accounts.people import emails
from tests.people import PASSWORD, code_for, make_customer, make_staff, sign_in

STORED = "ada@xn--bcher-kva.example"
SPELLINGS = [
    "ada@bücher.example",
    "Ada@BÜCHER.Example",
    "ada@bu\u0308cher.example",
    " ada@xn--bcher-kva.example\n",
    "ada@XN--BCHER-KVA.example",
    "ada@bücher\u3002example",
]


@pytest.mark.parametrize("text", SPELLINGS)
def test_every_spelling_is_one_mailbox(text: str) -> None:
    assert emails.normalise(text) == emails.clean(text.strip()) == STORED


@pytest.mark.parametrize(
    ("text", "stored"),
    [
        ("Ada@Example.com", "ada@example.com"),
        ("ada@faß.example", "ada@xn--fa-hia.example"),
        ("ada@例え.テスト", "ada@xn--r8jz45g.xn--zckzah"),
        ("ada@ｅｘａｍｐｌｅ.com", "ada@example.com"),
        ("o'hara+x@example.com", "o'hara+x@example.com"),
    ],
)
def test_addresses_as_they_travel(text: str, stored: str) -> None:
    assert emails.clean(text) == stored


@pytest.mark.parametrize(
    ("text", "code"),
    [
        *(("ädä@example.com", "ascii"), ("p\u0131nk@example.com", "ascii"), ("ад@bücher.example", "ascii")),
        *(("ada@ü..example", "domain"), ("ada@\u200b✓.example", "domain"), ("ada@-ü.example", "domain")),
        *(
            ("ada@" + "ü" * 300 + ".example", "domain"),
            ("a" * 5000 + "@ü.example", "invalid"),
            ("@ü.example", "invalid"),
        ),
        *(("ada@b", "invalid"), ('"a\x01"@example.com', "invalid"), ("a@ü@example.com", "ascii"), ("ada", "invalid")),
        ("a" * 250 + "@example.com", "invalid"),
    ],
)
def test_what_is_no_address_is_said(text: str, code: str) -> None:
    with pytest.raises(ValidationError) as refusal:
        emails.clean(text)
    assert refusal.value.code == code
    emails.normalise(text)  # a look-up finds nobody, and never fails


@pytest.mark.parametrize(
    ("stored", "shown"),
    [
        (STORED, "ada@bücher.example"),
        ("ada@xn--r8jz45g.xn--zckzah", "ada@例え.テスト"),
        ("ada@example.com", "ada@example.com"),
        # paypal, all in Cyrillic letters; and what does not decode to what it was.
        ("ada@xn--80aa0cbo65f.com", "ada@xn--80aa0cbo65f.com"),
        ("ada@xn--zzzzzz.example", "ada@xn--zzzzzz.example"),
        ("ada@xn--.example", "ada@xn--.example"),
    ],
)
def test_a_domain_is_shown_as_its_owner_writes_it_if_that_deceives_nobody(stored: str, shown: str) -> None:
    assert emails.shown(stored) == shown


@pytest.mark.django_db(transaction=True)
class TestEveryPageThatTakesOne:
    @pytest.mark.parametrize("text", SPELLINGS)
    def test_signing_in(self, client: Client, text: str) -> None:
        ada = make_customer(email=STORED)
        client.post(reverse("accounts:login"), {"email": text, "password": PASSWORD})
        answer = client.post(reverse("accounts:login_code"), {"code": code_for(ada)})
        assert answer["Location"] == reverse("payments:wallet")
        assert "ada@bücher.example" in client.get(reverse("accounts:settings")).content.decode()

    @pytest.mark.parametrize("text", SPELLINGS)
    @pytest.mark.parametrize("page", ["accounts:recover", "accounts:register"])
    def test_mail_goes_to_the_mailbox_that_is_known(self, client: Client, page: str, text: str) -> None:
        make_customer(email=STORED)
        client.post(reverse(page), {"email": text})
        (sent,) = mail.outbox
        assert sent.to == [STORED]
        assert "Choose a new" in sent.subject or "already have" in sent.subject

    def test_joining(self, client: Client) -> None:
        client.post(reverse("accounts:register"), {"email": SPELLINGS[0]})
        assert mail.outbox[0].to == [STORED]
        shown = client.get(reverse("accounts:register_sent")).content.decode()
        assert "ada@bücher.example" in shown

    def test_a_local_part_that_gets_no_mail_is_refused_with_the_reason(self, client: Client) -> None:
        page = client.post(reverse("accounts:register"), {"email": "ädä@example.com"})
        assert "We can’t send mail to this address" in page.content.decode()
        assert not mail.outbox

    def test_the_payee(self, client: Client) -> None:
        grace = make_customer("grace", email=STORED)
        sign_in(make_customer(), client)
        answer = client.post("/send/", {"payee": SPELLINGS[0], "amount": "1.00", "note": ""})
        assert answer.status_code == 302
        assert grace.full_name in client.get(answer["Location"]).content.decode()

    @pytest.mark.parametrize("text", [*SPELLINGS, "@bücher.example"])
    def test_the_staffs_search(self, client: Client, text: str) -> None:
        make_customer(email=STORED)
        make_customer("bob")
        sign_in(make_staff(is_superuser=True), client)
        page = client.get(reverse("admin:accounts_user_changelist"), {"q": text}).content.decode()
        assert STORED in page
        assert "bob@example.com" not in page


@pytest.mark.django_db
class TestTheCommandLine:
    def test_it_makes_and_finds_people(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setitem(os.environ, "STAFF_PASSWORD", PASSWORD)
        monkeypatch.setitem(os.environ, "DJANGO_SUPERUSER_PASSWORD", PASSWORD)
        run("createstaff", "ada@bücher.example", "Ada Staff")
        run("createsuperuser", interactive=False, email="root@bücher.example", full_name="Rooth")
        stored = set(User.objects.values_list("email", flat=True))
        assert stored == {STORED, "root@xn--bcher-kva.example"}
        assert STORED in run("enrolment_code", "ada@BÜCHER.example")
        assert "Signed out" in run("end_sessions", "ada@bücher.example")
        make_customer(email="alice@xn--bcher-kva.example")
        assert "seconds left" in run("totp", "alice@bücher.example")

    def test_it_refuses_what_gets_no_mail(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setitem(os.environ, "STAFF_PASSWORD", PASSWORD)
        monkeypatch.setitem(os.environ, "DJANGO_SUPERUSER_PASSWORD", PASSWORD)
        with pytest.raises(CommandError, match="send mail"):
            run("createstaff", "ädä@example.com", "Ada Staff")
        with pytest.raises(CommandError):
            run("createsuperuser", interactive=False, email="p\u0131nk@example.com", full_name="Rooth")


def run(*arguments: str, **options: Any) -> str:
    out = StringIO()
    call_command(*arguments, stdout=out, **options)
    return out.getvalue()
