"""From the outbox to the site and to the mail server: whatever that does, and whoever is killed."""

import smtplib
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from aiosmtpd.controller import Controller
from django.core import mail
from django.core.management import call_command
from django.db import IntegrityError, connection
from django.utils import timezone
from pytest_django.fixtures import Settings

from accounts.models import User
from notices import delivery, outbox
from notices.models import CHOSEN, SECURITY, Channel, Kind, Letter, Notice, Outbox, Preference
from tests.notices.telling import EXAMPLES, deliver
from tests.running import free_port
from work.due import claim

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def told(ada: User) -> User:
    """Ada, who is to be told of two things."""
    outbox.tell(ada.id, Kind.MONEY_IN, **EXAMPLES[Kind.MONEY_IN])
    outbox.tell(ada.id, Kind.SECRET_CHANGED, **EXAMPLES[Kind.SECRET_CHANGED])
    return ada


@contextmanager
def server(settings: Settings, handler: object) -> Iterator[Controller]:
    controller = Controller(handler, hostname="127.0.0.1", port=free_port())
    controller.start()
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = controller.hostname, controller.port
    settings.EMAIL_TIMEOUT = 2
    try:
        yield controller
    finally:
        controller.stop()


class Mailbox:
    """Takes mail, but for what it is told to answer otherwise."""

    def __init__(self, *answers: str) -> None:
        self.answers, self.taken = list(answers), []  # type: ignore[var-annotated]

    async def handle_RCPT(self, server: Any, session: Any, envelope: Any, address: str, options: Any) -> str:
        if self.answers and (answer := self.answers.pop(0)):
            return answer
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        self.taken.append(envelope)
        return "250 OK"


def test_each_is_shown_once_and_mailed(told: User) -> None:
    deliver()
    deliver()
    assert Notice.objects.filter(user=told).count() == 2
    assert sorted(sent.subject for sent in mail.outbox) == ["Password changed", "You received €12.34 from Grace Hopper"]
    assert {row.id for row in Outbox.objects.all()} == {row.id for row in Notice.objects.all()}


def test_two_who_hand_out_the_same_show_it_once(told: User) -> None:
    delivery.hand_out()
    Outbox.objects.update(next_at=timezone.now())  # as if the first had been forgotten
    deliver()
    assert (Notice.objects.count(), len(mail.outbox)) == (2, 2)


@pytest.mark.parametrize("kind", Kind)
def test_a_mail_says_what_happened_and_leads_to_a_page_of_ours(kind: Kind, ada: User) -> None:
    outbox.tell(ada.id, kind, **EXAMPLES[kind])
    deliver()
    (sent,) = mail.outbox
    assert sent.to == [ada.email] and sent.subject and "\n" not in sent.subject
    text = str(sent.body)
    assert "http://testserver/" in text and "{" not in text
    assert ("http://testserver/settings/notices/" in text) == (kind not in SECURITY)
    assert f"<{Letter.objects.get().id}@testserver>" == sent.extra_headers["Message-ID"]


def test_it_goes_to_the_mailbox_that_is_named(ada: User) -> None:
    outbox.tell(ada.id, Kind.SECRET_CHANGED, what="Email changed", to="old@example.com")
    deliver()
    assert [sent.to for sent in mail.outbox] == [["old@example.com"]]


def test_no_mail_holds_a_balance_or_a_secret() -> None:
    """Of a payment no more is kept than its words need."""
    assert set(EXAMPLES[Kind.MONEY_IN]) == {"amount", "currency", "name"}


# What somebody does not want to hear


@pytest.mark.parametrize("kind", CHOSEN)
@pytest.mark.parametrize("channel", Channel)
def test_what_is_silenced_is_silent_on_that_channel_alone(kind: Kind, channel: Channel, ada: User, grace: User) -> None:
    Preference.objects.create(user=ada, kind=kind, channel=channel, on=False)
    for user in (ada, grace):
        outbox.tell(user.id, kind, **EXAMPLES[kind])
    deliver()
    assert Notice.objects.filter(user=ada).count() == (channel != Channel.SITE)
    assert [sent.to for sent in mail.outbox if sent.to == [ada.email]] == [[ada.email]] * (channel != Channel.MAIL)
    assert Notice.objects.filter(user=grace).count() == 1 and [grace.email] in [sent.to for sent in mail.outbox]


@pytest.mark.parametrize("kind", SECURITY)
def test_the_database_lets_nobody_silence_security(kind: Kind, ada: User) -> None:
    with pytest.raises(IntegrityError, match="security_cannot_be_silenced"):
        Preference.objects.create(user=ada, kind=kind, channel=Channel.MAIL, on=False)


def test_nobody_is_mailed_whose_account_is_closed(told: User) -> None:
    User.objects.filter(pk=told.pk).update(is_active=False)
    deliver()
    assert mail.outbox == [] and not Letter.objects.exclude(next_at=None).exists()


# A mail server that does not do what it should


def test_a_server_that_is_away_is_tried_again_later_and_again_after_two_days_no_more(
    told: User, settings: Settings
) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", nobody.getsockname()[1]
        start = timezone.now()
        with time_machine.travel(start, tick=False) as clock:
            deliver()
            while waiting := Letter.objects.exclude(next_at=None).order_by("next_at").first():
                clock.move_to(max(waiting.next_at, timezone.now() + timedelta(seconds=1)))
                deliver()
            lasted = timezone.now() - start
    assert Notice.objects.count() == 2  # the site waits for no mail server
    given_up = list(Letter.objects.filter(gave_up_at__isnull=False))
    assert len(given_up) == 2 and all("Refused" in letter.why for letter in given_up)
    assert timedelta(days=2) <= lasted <= timedelta(days=2, hours=6)
    assert all(10 <= letter.tries <= 30 for letter in given_up)


def test_a_mailbox_that_is_none_is_given_up_at_once_and_keeps_nobody_else_waiting(
    told: User, grace: User, settings: Settings
) -> None:
    outbox.tell(grace.id, Kind.MONEY_IN, **EXAMPLES[Kind.MONEY_IN])
    mailbox = Mailbox("550 5.1.1 no such mailbox")
    with server(settings, mailbox):
        deliver()
    assert len(mailbox.taken) == 2
    (refused,) = Letter.objects.filter(gave_up_at__isnull=False)
    assert refused.why == "550 5.1.1 no such mailbox"


def test_a_mailbox_that_says_later_is_asked_later(told: User, settings: Settings) -> None:
    mailbox = Mailbox("451 come back", "451 come back")
    with server(settings, mailbox):
        deliver()
        assert mailbox.taken == [] and Letter.objects.exclude(next_at=None).count() == 2
        with time_machine.travel(timezone.now() + timedelta(minutes=1)):
            deliver()
    assert len(mailbox.taken) == 2


def test_a_server_that_hangs_costs_one_timeout_and_the_others_are_put_back(told: User, settings: Settings) -> None:
    for _ in range(10):
        outbox.tell(told.id, Kind.RECOVERY_USED)
    delivery.hand_out()
    with socket.create_server(("127.0.0.1", 0)) as silent:
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = silent.getsockname()
        settings.EMAIL_TIMEOUT = 1
        before = time.monotonic()
        assert delivery.send_letters() == 0
        assert time.monotonic() - before < 3
    assert Letter.objects.filter(tries=1).count() == 1
    assert Letter.objects.filter(tries=0, claimed_until=None, next_at__lte=timezone.now()).count() == 11


def send_and_close() -> None:
    delivery.send_letters()
    connection.close()


def test_no_transaction_is_open_while_a_server_hangs(told: User, settings: Settings) -> None:
    delivery.hand_out()
    with socket.create_server(("127.0.0.1", 0)) as silent:
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = silent.getsockname()
        settings.EMAIL_TIMEOUT = 2
        sending = threading.Thread(target=send_and_close)
        sending.start()
        silent.accept()[0]
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT count(*) FROM pg_stat_activity WHERE state LIKE 'idle in transaction%%'"
                " AND datname = current_database()"
            )
            assert cursor.fetchone() == (0,)
        sending.join()


def test_a_letter_that_cannot_be_written_keeps_no_other_waiting(told: User) -> None:
    outbox.tell(told.id, Kind.MONEY_IN, amount=1)  # without the name that its words need
    deliver()
    assert len(mail.outbox) == 2
    (kept,) = Letter.objects.exclude(next_at=None)
    assert (kept.why, kept.tries) == ("KeyError", 1)


def test_a_letter_whose_worker_was_killed_is_sent_again(told: User) -> None:
    delivery.hand_out()
    claim(Letter.objects.all(), most=10, seconds=60)  # and then nothing
    deliver()
    assert mail.outbox == []
    with time_machine.travel(timezone.now() + timedelta(seconds=61)):
        deliver()
    assert len(mail.outbox) == 2


def test_what_was_told_long_ago_is_forgotten_but_by_whom_it_was_told_and_by_staff(told: User) -> None:
    deliver()
    Letter.objects.filter(kind=Kind.SECRET_CHANGED).update(gave_up_at=timezone.now())
    call_command("clear_expired")
    assert (Outbox.objects.count(), Letter.objects.count()) == (2, 2)
    outbox.tell(told.id, Kind.MONEY_IN, **EXAMPLES[Kind.MONEY_IN])  # waits
    with time_machine.travel(timezone.now() + outbox.KEPT + timedelta(minutes=1)):
        call_command("clear_expired")
    assert Outbox.objects.get().next_at is not None
    assert Letter.objects.get().gave_up_at is not None
    assert Notice.objects.count() == 2


def test_smtps_own_failures_are_failures_of_the_server() -> None:
    assert issubclass(smtplib.SMTPException, OSError)
