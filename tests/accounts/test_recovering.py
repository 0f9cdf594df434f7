"""A forgotten password."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.core import mail
from django.test import Client
from django.utils import timezone

from accounts.credentials import recovery_codes
from accounts.credentials.hashing import Kind
from accounts.errors import SecretLocked, WrongSecret
from accounts.guard import attempts
from accounts.models import MailedToken, SecurityEvent, User
from tests.notices.telling import deliver
from tests.people import code_for, make_begun, make_customer, sign_in
from tests.threads import run_together

pytestmark = pytest.mark.django_db(transaction=True)
NEW_PASSWORD = "another horse battery"


def link_to(client: Client, email: str) -> str:
    client.post("/recover/", {"email": email})
    found = re.search(r"https?://testserver(/reset/\S+)", str(mail.outbox[-1].body))
    assert found
    return found[1]


def reset(client: Client, user: User, **more: str) -> Any:
    client.get(link_to(client, user.email))
    return client.post("/reset/", {"password": NEW_PASSWORD, "code": code_for(user)} | more)


@pytest.mark.asvs("6.4.3")
def test_a_link_and_a_code_make_a_new_password(client: Client) -> None:
    alice = make_customer()
    other = Client()
    sign_in(alice, other)
    assert reset(client, alice)["Location"] == "/login/"
    attempts.prove(User.objects.get(), Kind.PASSWORD, NEW_PASSWORD)
    assert other.get("/settings/")["Location"].startswith("/login/")
    assert SecurityEvent.objects.filter(kind="password_changed").count() == 1
    deliver()
    assert "changed" in mail.outbox[-1].subject.lower()


def test_a_recovery_code_does_too(client: Client) -> None:
    alice = make_customer()
    assert reset(client, alice, code=recovery_codes.issue_recovery(alice)[0])["Location"] == "/login/"


@pytest.mark.asvs("6.4.3")
@pytest.mark.parametrize("code", ["", "000000", "nonsense", "7F3K-9Q2M-0XTN-5C8D"])
def test_the_link_alone_does_not(client: Client, code: str) -> None:
    alice = make_customer()
    answer = reset(client, alice, code=code)
    assert 'id="id_code_error"' in answer.content.decode()
    assert User.objects.get().password == alice.password


def test_a_weak_password_is_refused_before_the_code_is_used_up(client: Client) -> None:
    alice = make_customer()
    code = code_for(alice)
    answer = reset(client, alice, password="short", code=code)
    assert 'id="id_password_error"' in answer.content.decode()
    assert client.post("/reset/", {"password": NEW_PASSWORD, "code": code})["Location"] == "/login/"


@pytest.mark.asvs("6.3.8")
def test_it_answers_the_same_for_every_email(client: Client) -> None:
    alice = make_customer()
    for email in (alice.email, "nobody@example.com"):
        assert client.post("/recover/", {"email": email})["Location"] == "/recover/sent/"
    assert "No Twofold wallet" in mail.outbox[1].subject
    assert ["/reset/" in message.body for message in mail.outbox] == [True, False]
    # A line is written for both, of the same columns: nothing of it asks the database for a user.
    both = MailedToken.objects.order_by("created_at").values("purpose", "used_at", "email")
    assert [line.pop("email") for line in both] == [alice.email, "nobody@example.com"]
    assert not [field for field in MailedToken._meta.fields if field.is_relation]


def test_the_token_leaves_the_address_and_works_once(client: Client) -> None:
    alice = make_customer()
    link = link_to(client, alice.email)
    assert client.get(link)["Location"] == "/reset/"
    assert client.post("/reset/", {"password": NEW_PASSWORD, "code": code_for(alice)})["Location"] == "/login/"
    assert client.get(link).status_code == 410
    assert client.get("/reset/").status_code == 410


def test_a_link_opens_nothing_for_whom_was_closed_since(client: Client) -> None:
    alice = make_customer()
    link = link_to(client, alice.email)
    User.objects.update(is_active=False)
    client.get(link)
    assert client.get("/reset/").status_code == 410


def test_no_link_mailed_before_a_change_of_the_password_opens_any_more(client: Client) -> None:
    alice, bob = make_customer(), make_customer("bobby")
    old, bobs = link_to(client, alice.email), link_to(client, bob.email)
    assert reset(Client(), alice)["Location"] == "/login/"
    assert client.get(old).status_code == 410
    assert client.get(bobs)["Location"] == "/reset/"


def test_the_link_is_good_for_a_quarter_of_an_hour(client: Client) -> None:
    alice = make_customer()
    link = link_to(client, alice.email)
    token = MailedToken.objects.get()
    assert token.expires_at - timezone.now() <= timedelta(minutes=15)
    MailedToken.objects.update(expires_at=timezone.now())
    assert client.get(link).status_code == 410


def test_a_link_for_joining_does_not_reset(client: Client) -> None:
    client.post("/register/", {"email": "new@example.com"})
    found = re.search(r"/join/(\S+)/", str(mail.outbox[-1].body))
    assert found
    assert client.get(f"/reset/{found[1]}/").status_code == 410


def test_of_twenty_uses_at_once_one_sets_the_password() -> None:
    alice = make_customer()
    shown = recovery_codes.issue_recovery(alice)
    link = link_to(Client(), alice.email)
    clients = [Client() for _ in range(10)]
    for each in clients:
        each.get(link)
    answers = run_together(
        [
            lambda each=each, code=code: each.post("/reset/", {"password": f"{NEW_PASSWORD} {code}", "code": code})
            for each, code in zip(clients, shown, strict=True)
        ]
    )
    assert sorted(answer.status_code for answer in answers) == [302] + [410] * 9


def test_the_owner_gets_past_a_strangers_lock_by_mail(client: Client) -> None:
    alice = make_customer()
    for _ in range(5):
        with pytest.raises((WrongSecret, SecretLocked)):
            attempts.prove(alice, Kind.PASSWORD, "a stranger's guess")
    reset(client, alice)
    attempts.prove(User.objects.get(), Kind.PASSWORD, NEW_PASSWORD)


def test_guessing_the_code_locks(client: Client) -> None:
    alice = make_customer()
    client.get(link_to(client, alice.email))
    for _ in range(5):
        answer = client.post("/reset/", {"password": NEW_PASSWORD, "code": "000000"})
    assert "Too many wrong tries" in answer.content.decode()


def test_without_an_authenticator_yet_the_link_is_enough(client: Client) -> None:
    bob = make_begun()
    client.get(link_to(client, bob.email))
    assert "id_code" not in client.get("/reset/").content.decode()
    assert client.post("/reset/", {"password": NEW_PASSWORD})["Location"] == "/login/"
