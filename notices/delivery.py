"""The worker's two jobs: handing out what is in the outbox, and sending the mails of it.

They are two so that a mail server that is away, or hangs, delays nothing but mails. The first is database work only,
and one transaction: each outbox row becomes its notice and its letter exactly once. The second claims a letter, sends
it outside any transaction, and says so: whoever is killed in between has it sent again, under the same Message-ID.
"""

import smtplib
import time
from collections.abc import Iterable
from datetime import timedelta
from uuid import UUID

import structlog
from django.core.mail import get_connection
from django.core.mail.backends.base import BaseEmailBackend
from django.db import transaction
from django.utils import timezone

from accounts.models import User
from notices.letter import message
from notices.models import SECURITY, Channel, Letter, Notice, Outbox, Preference
from work.due import claim, finish, finish_all, give_up, postpone, put_back

MOST_HANDED_OUT = 200
MOST_LETTERS = 20  # at a time
HOLD_SECONDS = 120  # a claim, much longer than one letter may take: a server answers each line within EMAIL_TIMEOUT
SEND_SECONDS = 10  # after which no further letter of a claim is begun: who asks a worker to end waits no longer
GIVE_UP_AFTER = timedelta(days=2)
LONGEST_WHY = 200

log = structlog.get_logger(__name__)
Chosen = tuple[UUID, str]


@transaction.atomic
def hand_out() -> int:
    """Turns outbox rows into notices and letters, but for the channels that their users have silenced."""
    told = claim(Outbox.objects.all(), most=MOST_HANDED_OUT, seconds=HOLD_SECONDS)
    off = {channel: _silenced(told, channel) for channel in Channel}
    Notice.objects.bulk_create(
        [Notice(id=row.id, **_copied(row)) for row in told if (row.user_id, row.kind) not in off[Channel.SITE]],
        ignore_conflicts=True,
    )
    Letter.objects.bulk_create(
        [Letter(id=row.id, **_copied(row)) for row in told if (row.user_id, row.kind) not in off[Channel.MAIL]],
        ignore_conflicts=True,
    )
    finish_all(told)
    return len(told)


def _copied(row: Outbox) -> dict[str, object]:
    return {"user_id": row.user_id, "kind": row.kind, "about": row.about, "data": row.data, "at": row.at}


def _silenced(told: Iterable[Outbox], channel: Channel) -> set[Chosen]:
    """Security kinds are told whatever is chosen; the database does not let them be silenced either."""
    users = {row.user_id for row in told}
    chosen = Preference.objects.silenced().filter(user__in=users, channel=channel).exclude(kind__in=SECURITY)
    return set(chosen.values_list("user_id", "kind"))


def send_letters() -> int:
    """Sends some of the mails that are due. When the server is away, one is tried and the others are put back."""
    letters = claim(Letter.objects.all(), most=MOST_LETTERS, seconds=HOLD_SECONDS)
    people = User.objects.in_bulk([letter.user_id for letter in letters])
    latest = time.monotonic() + SEND_SECONDS
    sent = 0
    with _Server() as server:
        for letter in letters:
            if server.is_away or time.monotonic() > latest:
                put_back(letter)
            else:
                sent += server.send(letter, people[letter.user_id])
    return sent


class _Server:
    """The mail server for a few letters: one connection, opened with the first of them, and anew after a failure."""

    is_away = False

    def __init__(self) -> None:
        self.connection: BaseEmailBackend | None = None

    def __enter__(self) -> "_Server":
        return self

    def __exit__(self, *failure: object) -> None:
        self._close()

    def send(self, letter: Letter, user: User) -> bool:
        """Whether there is nothing left to do about it. What keeps it from being sent is noted with it."""
        if not user.is_active:
            return finish(letter)
        try:
            self._deliver(letter, user)
        except smtplib.SMTPRecipientsRefused as refused:
            self._close()
            return _refused(letter, refused)
        except OSError as failure:  # smtplib's own among them
            self._close()
            self.is_away = True
            log.warning("mail_not_sent", letter=str(letter.id), tries=letter.tries, why=type(failure).__name__)
            return _later(letter, _words_of(failure))
        except Exception as failure:  # of this letter's own: the others are none the worse for it
            log.exception("letter_not_written", letter=str(letter.id))
            return _later(letter, type(failure).__name__)
        return finish(letter)

    def _deliver(self, letter: Letter, user: User) -> None:
        written = message(letter, user)
        if self.connection is None:
            connection = get_connection()
            connection.open()
            self.connection = connection
        self.connection.send_messages([written])

    def _close(self) -> None:
        connection, self.connection = self.connection, None
        if connection is not None:
            connection.close()


def _refused(letter: Letter, refused: smtplib.SMTPRecipientsRefused) -> bool:
    """There is no such mailbox, or it takes no mail from us (RFC 5321, 4.2.1: a 5yz reply is for good)."""
    code, reply = next(iter(refused.recipients.values()))
    why = f"{code} {reply.decode(errors='replace')}"
    if code < 500:
        return _later(letter, why)
    log.warning("mail_refused", letter=str(letter.id), code=code)
    return give_up(letter, why=why[:LONGEST_WHY])


def _later(letter: Letter, why: str) -> bool:
    """Again after a pause; after two days no more."""
    if timezone.now() >= letter.at + GIVE_UP_AFTER:
        log.error("letter_given_up", letter=str(letter.id), tries=letter.tries)
        give_up(letter, why=why[:LONGEST_WHY])
    else:
        postpone(letter, why=why[:LONGEST_WHY])
    return False


def _words_of(failure: OSError) -> str:
    if isinstance(failure, smtplib.SMTPResponseException):
        reply = failure.smtp_error
        return f"{failure.smtp_code} {reply.decode(errors='replace') if isinstance(reply, bytes) else reply}"
    return type(failure).__name__ if not str(failure) else f"{type(failure).__name__}: {failure}"
