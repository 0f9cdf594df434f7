"""Another email address: asked for with password and code, confirmed in both mailboxes."""

import re
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
import time_machine
from django.core import mail
from django.db import IntegrityError, transaction
from django.test import Client
from django.utils import timezone
from pytest_django.fixtures import Settings

from accounts.entry import mailed_links
from accounts.models import EmailChange, SecurityEvent, Session, User
from tests.notices.telling import deliver
from tests.people import PASSWORD, code_for, make_customer, sign_in, sign_in_by_pages
from tests.threads import run_together

pytestmark = pytest.mark.django_db(transaction=True)
NEW = "alice@new.example"


def ask(client: Client, user: User, email: str = NEW, **more: str) -> Any:
    proof = {"current_password": PASSWORD, "code": code_for(user)}
    return client.post("/settings/email/", {"email": email} | proof | more)


def link_to(email: str) -> str:
    """The link in the last letter to this mailbox."""
    body = next(letter.body for letter in reversed(mail.outbox) if letter.to == [email])
    found = re.search(r"https?://testserver(/email/\S+)", str(body))
    assert found
    return found[1]


def open_link(email: str, answer: str = "confirm", client: Client | None = None) -> Any:
    client = client or Client()
    assert client.get(link_to(email))["Location"] == "/email/"
    return client.post("/email/", {"answer": answer})


@pytest.fixture
def alice() -> User:
    return make_customer()


@pytest.fixture
def browser(alice: User) -> Client:
    client = Client()
    sign_in(alice, client)
    return client


def email_of(user: User) -> str:
    return User.objects.get(pk=user.pk).email


@pytest.mark.parametrize("wrong", [{"current_password": "wrong horse battery"}, {"code": "000000"}])
def test_it_takes_password_and_code(browser: Client, alice: User, wrong: dict[str, str]) -> None:
    assert ask(browser, alice, **wrong).status_code == 200
    assert not EmailChange.objects.exists()
    assert not mail.outbox


@pytest.mark.parametrize(
    ("email", "words"), [("", "Enter your email"), ("nobody", "like name@"), ("ALICE@example.com", "already")]
)
def test_what_is_no_other_address_is_said_beside_the_field(
    browser: Client, alice: User, email: str, words: str
) -> None:
    page = ask(browser, alice, email)
    assert words in page.context["form"].errors["email"][0]
    assert not mail.outbox


@pytest.mark.parametrize("order", [("alice@example.com", NEW), (NEW, "alice@example.com")])
def test_both_mailboxes_have_to_agree(browser: Client, alice: User, order: tuple[str, str]) -> None:
    assert ask(browser, alice)["Location"] == "/settings/email/"
    assert [letter.to for letter in mail.outbox] == [[NEW], [alice.email]]
    first, second = order
    assert "other mailbox" in open_link(first).content.decode()
    assert email_of(alice) == "alice@example.com"
    assert "Confirmed" in browser.get("/settings/email/").content.decode()
    assert open_link(second)["Location"] == "/login/"
    assert email_of(alice) == NEW
    assert browser.get("/settings/")["Location"].startswith("/login/")
    assert not Session.objects.filter(user=alice).exists()
    deliver()
    assert {tuple(letter.to) for letter in mail.outbox[2:]} == {(NEW,), ("alice@example.com",)}
    kinds = SecurityEvent.objects.filter(user=alice).values_list("kind", flat=True)
    assert [kinds.filter(kind=kind).count() for kind in ("email_asked", "email_changed")] == [1, 1]


def test_one_mailbox_twice_is_not_both(browser: Client, alice: User) -> None:
    ask(browser, alice)
    for _ in range(3):
        assert "other mailbox" in open_link(NEW).content.decode()
    assert email_of(alice) == "alice@example.com"


def test_opening_a_page_by_its_link_changes_nothing(browser: Client, alice: User) -> None:
    """Scanners of mail open every link."""
    ask(browser, alice)
    for email in (NEW, alice.email):
        Client().get(link_to(email), follow=True)
    change = EmailChange.objects.get()
    assert (change.old_opened_at, change.new_opened_at, change.is_done) == (None, None, False)


def test_the_browser_that_did_it_stays_signed_in_and_others_do_not(browser: Client, alice: User) -> None:
    other = Client()
    sign_in(alice, other)
    ask(browser, alice)
    open_link(alice.email)
    assert open_link(NEW, client=browser)["Location"] == "/settings/"
    assert NEW in browser.get("/settings/").content.decode()
    assert other.get("/settings/")["Location"].startswith("/login/")


def test_one_signs_in_with_the_new_one_only(browser: Client, alice: User) -> None:
    ask(browser, alice)
    open_link(alice.email)
    open_link(NEW)
    with time_machine.travel(timezone.now() + timedelta(minutes=2)):
        old, new = Client(), Client()
        sign_in_by_pages(alice, old)
        assert old.get("/settings/")["Location"].startswith("/login/")
        sign_in_by_pages(User.objects.get(pk=alice.pk), new)
        assert new.get("/settings/").status_code == 200


def test_known_browsers_become_unknown_but_the_one_that_did_it(alice: User) -> None:
    from accounts.guard import known_browsers

    known = Client()
    sign_in_by_pages(alice, known)
    before = known.cookies[known_browsers.COOKIE].value
    with time_machine.travel(timezone.now() + timedelta(minutes=1)):
        ask(known, alice)
        open_link(alice.email)
        open_link(NEW, client=known)
    assert known.cookies[known_browsers.COOKIE].value != before


def test_the_old_mailbox_can_stop_it_and_the_new_one_cannot(browser: Client, alice: User) -> None:
    ask(browser, alice)
    assert "other mailbox" in open_link(NEW, "stop").content.decode()  # no such button there: taken for a yes
    assert "stays as it is" in open_link(alice.email, "stop").content.decode()
    assert Client().get(link_to(NEW)).status_code == 410
    assert Client().get(link_to(alice.email)).status_code == 410
    assert email_of(alice) == "alice@example.com"
    assert SecurityEvent.objects.filter(user=alice, kind="email_stopped").count() == 1


def test_its_owner_can_stop_it_on_the_page(browser: Client, alice: User) -> None:
    ask(browser, alice)
    assert browser.post("/settings/email/stop/")["Location"] == "/settings/email/"
    assert Client().get(link_to(alice.email)).status_code == 410


def test_a_new_wish_takes_the_place_of_the_old(browser: Client, alice: User) -> None:
    ask(browser, alice)
    first = link_to(NEW)
    ask(browser, alice, "alice@third.example", code=code_for(alice, 1))
    assert Client().get(first).status_code == 410
    assert EmailChange.objects.filter(ended_at=None).get().new_email == "alice@third.example"


def test_after_a_day_the_links_open_nothing(browser: Client, alice: User) -> None:
    ask(browser, alice)
    open_link(alice.email)
    late = Client()
    late.get(link_to(NEW))
    with time_machine.travel(timezone.now() + timedelta(hours=24, seconds=1)):
        assert late.post("/email/", {"answer": "confirm"}).status_code == 410
        assert Client().get(link_to(NEW)).status_code == 410
    assert email_of(alice) == "alice@example.com"


def test_a_secret_changed_meanwhile_ends_it(browser: Client, alice: User) -> None:
    ask(browser, alice)
    open_link(alice.email)
    form = {"password": "another horse battery", "current_password": PASSWORD, "code": code_for(alice, 1)}
    assert browser.post("/settings/security/password/", form).status_code == 302
    assert open_link(NEW).status_code == 410
    assert email_of(alice) == "alice@example.com"


def test_links_mailed_before_to_either_address_are_void(browser: Client, alice: User) -> None:
    for email in (alice.email, NEW):
        mailed_links.new(mailed_links.Purpose.PASSWORD, email)
    ask(browser, alice)
    open_link(alice.email)
    open_link(NEW)
    assert not mailed_links.good(mailed_links.Purpose.PASSWORD).exists()


# Somebody else's address


def shown(client: Client) -> str:
    html = client.get("/settings/email/").content.decode()
    html = re.sub(r'name="csrfmiddlewaretoken" value="\w+"|<time.*?</time>', "", html)
    return re.sub(r"bob@\S+?\.example|free@\S+?\.example", "EMAIL", html)


def test_the_page_says_the_same_whoever_has_the_address(browser: Client, alice: User, settings: Settings) -> None:
    settings.DEMO = False  # where the page shows what was mailed
    make_customer("bob", email="bob@mail.example")
    answers = []
    for offset, email in enumerate(["free@mail.example", "bob@mail.example"]):
        answer = ask(browser, alice, email, code=code_for(alice, offset))
        answers.append((answer.status_code, answer["Location"], shown(browser)))
    assert answers[0] == answers[1]


def test_only_its_owner_is_told_that_an_address_is_taken(browser: Client, alice: User) -> None:
    make_customer("bob", email="bob@mail.example")
    ask(browser, alice, "bob@mail.example")
    letter = next(letter for letter in mail.outbox if letter.to == ["bob@mail.example"])
    assert "belongs to a wallet already" in letter.body
    assert "/email/" not in letter.body
    assert alice.email not in letter.body
    open_link(alice.email)
    assert email_of(alice) == "alice@example.com"


def test_the_new_mailbox_does_not_read_the_old_address(browser: Client, alice: User) -> None:
    ask(browser, alice)
    letter = next(letter for letter in mail.outbox if letter.to == [NEW])
    stranger = Client()
    stranger.get(link_to(NEW))
    assert alice.email not in letter.body + stranger.get("/email/").content.decode()


def test_an_address_taken_meanwhile_changes_nothing(browser: Client, alice: User) -> None:
    ask(browser, alice)
    open_link(alice.email)
    make_customer("bob", email=NEW)
    assert open_link(NEW).status_code == 410
    assert email_of(alice) == "alice@example.com"
    assert EmailChange.objects.get().ended_at
    assert browser.get("/settings/").status_code == 200


def test_a_mail_server_that_is_away_is_said_and_nothing_waits(
    browser: Client, alice: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("notices.mail.send_mail", lambda *_: (_ for _ in ()).throw(OSError("refused")))
    page = ask(browser, alice)
    assert "cannot send mail" in page.content.decode()
    assert not EmailChange.objects.filter(ended_at=None).exists()


def test_a_mailbox_is_not_flooded(browser: Client, alice: User) -> None:
    for offset in range(8):
        with time_machine.travel(timezone.now() + timedelta(seconds=40 * offset)):
            assert ask(browser, alice, code=code_for(alice)).status_code == 302
    assert len([letter for letter in mail.outbox if letter.to == [NEW]]) == 5


# At once


def test_both_links_at_once_change_it_once(browser: Client, alice: User) -> None:
    ask(browser, alice)
    clients = []
    for email in (alice.email, NEW) * 2:
        client = Client()
        client.get(link_to(email))
        clients.append(client)
    answers = run_together([partial(client.post, "/email/", {"answer": "confirm"}) for client in clients])
    assert all(getattr(answer, "status_code", 0) in (200, 302, 410) for answer in answers), answers
    assert email_of(alice) == NEW
    assert SecurityEvent.objects.filter(user=alice, kind="email_changed").count() == 1


def test_two_windows_that_ask_at_once_leave_one_wish(alice: User) -> None:
    clients = [Client(), Client()]
    for client in clients:
        sign_in(alice, client)
    jobs = [partial(ask, client, alice, f"alice{n}@new.example") for n, client in enumerate(clients)]
    answers = run_together(jobs)
    assert sorted(getattr(answer, "status_code", 0) for answer in answers) == [200, 302]  # the code is good once
    assert EmailChange.objects.filter(ended_at=None).count() == 1


def test_the_database_refuses_one_that_is_done_with_one_mailbox(browser: Client, alice: User) -> None:
    ask(browser, alice)
    with pytest.raises(IntegrityError, match="email_change_done_when_both_opened"), transaction.atomic():
        EmailChange.objects.update(is_done=True, ended_at=timezone.now(), new_opened_at=timezone.now())
