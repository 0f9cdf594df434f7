"""From an email address to an open wallet, page by page."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.core import mail
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import MailedToken, User
from tests.people import PASSWORD, PAYMENT_PIN, VIEW_PIN, code_for, make_customer
from tests.threads import run_together

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


def test_registering_says_the_same_for_every_email(client: Client) -> None:
    make_customer()
    answers = {
        email: client.post(reverse("accounts:register"), {"email": email})["Location"]
        for email in ("alice@example.com", "ALICE@example.com", "new@example.com")
    }
    assert set(answers.values()) == {reverse("accounts:register_sent")}
    assert ["already have" in message.subject for message in mail.outbox] == [True, True, False]
    assert ["/join/" in message.body for message in mail.outbox] == [False, False, True]


@pytest.mark.asvs("1.3.11")
@pytest.mark.parametrize(
    "email",
    ["", "ada", "a@b", "a\0@example.com", "a@example.com\nBcc: b@example.com", "a" * 300, "p\u0131nk@example.com"],
)
def test_it_rejects_what_is_no_email(client: Client, email: str) -> None:
    page = client.post(reverse("accounts:register"), {"email": email})
    assert page.status_code == 200
    assert "error-text" in page.content.decode()
    assert not mail.outbox


@pytest.mark.asvs("2.4.1")
def test_a_mailbox_gets_five_mails_an_hour_and_the_page_stays_the_same(client: Client) -> None:
    for _ in range(8):
        answer = client.post(reverse("accounts:register"), {"email": "ada@example.com"})
        assert answer["Location"] == reverse("accounts:register_sent")
    assert len(mail.outbox) == 5


def test_outside_demo_mode_the_link_is_in_the_mail_only(client: Client, settings: Any) -> None:
    settings.DEMO = False
    client.post(reverse("accounts:register"), {"email": "ada@example.com"}, secure=True)
    assert "/join/" not in client.get(reverse("accounts:register_sent"), secure=True).content.decode()
    assert "demo_mail" not in client.session


def test_in_demo_mode_the_page_shows_the_mail(client: Client) -> None:
    link = invite(client)
    assert link in client.get(reverse("accounts:register_sent")).content.decode()


@pytest.mark.asvs("14.2.1")
def test_the_token_leaves_the_address_at_once_and_is_not_in_the_database(client: Client) -> None:
    link = invite(client)
    assert client.get(link)["Location"] == reverse("accounts:join_form")
    token = link.strip("/").split("/")[1]
    assert token not in str(MailedToken.objects.values())


@pytest.mark.asvs("6.4.1")
def test_the_link_works_once(client: Client) -> None:
    link = invite(client)
    client.get(link)
    client.post(reverse("accounts:join_form"), {"full_name": "Ada", "handle": "ada_l", "password": PASSWORD})
    assert Client().get(link).status_code == 410


def test_the_link_expires_also_when_it_is_open(client: Client) -> None:
    link = invite(client)
    client.get(link)
    MailedToken.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    assert client.get(link).status_code == 410
    late = client.post(reverse("accounts:join_form"), {"full_name": "A", "handle": "ada_l", "password": PASSWORD})
    assert late.status_code == 410
    assert not User.objects.exists()


@pytest.mark.parametrize("path", ["/join/", "/join/nonsense/", "/join/%00/"])
def test_without_a_link_there_is_no_form(client: Client, path: str) -> None:
    assert client.get(path).status_code == 410


BAD = {
    "full_name": [
        "Twofold",
        "TwoFold Bank",
        "T w o f o l d",
        "Bank transfer",
        "Securîty Team",
        "Bank_Transfer",
        "Tw\N{CYRILLIC SMALL LETTER O}fold",
        "Bank",
        "😀" * 50,
        "12 34",
        *("", "   ", "a\0b", "x" * 101, "Ada\u202eecalevoL", "Ada\u200bLovelace", "A\nB\x07"),
    ],
    "handle": ["", "ab", "admin", "tw0fold", "ada lovelace", "адa", "x" * 21, "a\0b", "1ada"],
    "password": [
        "",
        "short",
        "x" * 1025,
        "Password2024!!",
        "qwertyqwerty",
        "p4ssw0rd123456",
        "twofold-bank-1",
        "123456789012",
        "password1234",
        "a\0bcdefghijklm",
        "ada lovelace",
        "ada@example.com",
    ],
}


@pytest.mark.asvs("2.2.1", "2.2.2", "6.2.1", "6.2.4", "6.2.11")
@pytest.mark.parametrize(("field", "text"), [(field, text) for field, texts in BAD.items() for text in texts])
def test_it_rejects_what_cannot_be(client: Client, field: str, text: str) -> None:
    page = join(client, **{field: text})
    assert page.status_code == 200
    assert f'id="id_{field}_error"' in page.content.decode()
    assert PASSWORD not in page.content.decode()
    assert not User.objects.exists()


@pytest.mark.asvs("6.2.5", "6.2.8", "6.2.9")
@pytest.mark.parametrize(
    "password",
    [
        "correct horse battery",
        "пароль из четырёх слов",
        "🔐🐎🔋📎🔐🐎🔋📎🔐🐎🔋📎",
        " leading and trailing ",
        " and then ".join(["a heron", "two plovers", "three knots", "four dunlins"] * 30)[:1024],
    ],
)
def test_it_accepts_any_long_password_unchanged(client: Client, password: str) -> None:
    assert join(client, password=password).status_code == 302
    assert User.objects.get().check_password(password)
    assert not User.objects.get().check_password(password.strip() + "x")


@pytest.mark.parametrize(
    "name",
    [
        "Melissa Bank",
        "José Ñandú",
        "李小龍",
        "Лев Толстой",
        "Ελένη Papadaki",
        "Mary-Jane O’Neill",
        "Sales Trust",
        "X Æ A-12",
    ],
)
def test_people_may_be_called_what_they_are_called(client: Client, name: str) -> None:
    invite(client)
    assert join(client, full_name=name).status_code == 302
    assert User.objects.get(handle="ada_l").full_name == name


@pytest.mark.parametrize("handle", ["alice", "ALICE", "@alice", "a1ice", "al_ice"])
def test_a_handle_taken_or_looking_like_one_is_refused(client: Client, handle: str) -> None:
    make_customer("alice")
    page = join(client, handle=handle)
    assert "belongs to somebody" in page.content.decode()
    assert 'value="Ada Lovelace"' in page.content.decode()


@pytest.mark.asvs("15.4.2")
def test_of_twenty_registrations_of_one_handle_at_once_one_wins(client: Client) -> None:
    clients = [Client() for _ in range(20)]
    for number, each in enumerate(clients):
        link = mail_link(each, f"user{number}@example.com", number)
        each.get(link)
    data = {"full_name": "Ada Lovelace", "handle": "ada_l", "password": PASSWORD}
    answers = run_together([lambda each=each: each.post(reverse("accounts:join_form"), data) for each in clients])
    assert sorted(answer.status_code for answer in answers) == [200] * 19 + [302]
    assert User.objects.count() == 1
    loser = next(each for each, answer in zip(clients, answers, strict=True) if answer.status_code == 200)
    assert loser.post(reverse("accounts:join_form"), data | {"handle": "grace"}).status_code == 302


def mail_link(client: Client, email: str, number: int) -> str:
    client.post(reverse("accounts:register"), {"email": email}, REMOTE_ADDR=f"192.0.2.{number}")
    link = re.search(r"https?://testserver(/join/\S+)", str(mail.outbox[-1].body))
    assert link
    return link[1]


def test_one_link_used_twenty_times_at_once_opens_one_wallet() -> None:
    link = invite(Client())
    clients = [Client() for _ in range(20)]
    for each in clients:
        each.get(link)
    data = {"full_name": "Ada Lovelace", "password": PASSWORD}
    run_together(
        [
            lambda each=each, place=place: each.post(
                reverse("accounts:join_form"), data | {"handle": "abcdefghkmnopqrstuvwxyz"[place] + "_ada"}
            )
            for place, each in enumerate(clients)
        ]
    )
    assert User.objects.count() == 1


def test_two_links_to_one_mailbox_open_one_wallet() -> None:
    first, second = Client(), Client()
    first.get(invite(first))
    second.get(invite(second))
    data = {"full_name": "Ada Lovelace", "handle": "ada_l", "password": PASSWORD}
    assert first.post(reverse("accounts:join_form"), data).status_code == 302
    page = second.post(reverse("accounts:join_form"), data | {"handle": "other"})
    assert "Sign in instead" in page.content.decode()


def test_when_mail_cannot_be_sent_the_page_says_so(client: Client, settings: Any) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 1
    page = client.post(reverse("accounts:register"), {"email": "ada@example.com"})
    assert "cannot send mail" in page.content.decode()
