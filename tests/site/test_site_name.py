"""A bank may be called as it likes: its mails go out, its pages and files read as they should."""

import email
import email.policy
from collections.abc import Iterator
from email.message import EmailMessage
from urllib.parse import parse_qs, unquote, urlsplit

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import Envelope
from beancount import loader
from django.conf import LazySettings
from django.test import Client

from accounts.credentials import totp
from ledger import journal
from ledger.snapshot import snapshot
from tests.people import make_customer
from tests.running import free_port
from wallet_site.variables import sender, site_name

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "serializable"])

NAMES = [
    "Twofold", "Smith & Jones, Inc.", 'The "Good" Bank', "O'Neill; Sons", "bank@home", "Bank: Home", "<b>Bank</b>",
    "Back\\slash", "(Bank)", "Bänk ☂ Öst", "銀行", "Bank\\", "x" * 60, "Bank,", "{{ bank }}",
]  # fmt: skip


class Mailbox:
    """What the mail server was handed."""

    def __init__(self) -> None:
        self.mails: list[EmailMessage] = []

    async def handle_DATA(self, server: object, session: object, envelope: Envelope) -> str:
        assert isinstance(envelope.content, bytes)
        found = email.message_from_bytes(envelope.content, policy=email.policy.default)
        assert isinstance(found, EmailMessage)
        self.mails.append(found)
        return "250 OK"


@pytest.fixture
def mailbox(settings: LazySettings) -> Iterator[Mailbox]:
    """A real mail server, to which the site speaks."""
    box = Mailbox()
    server = Controller(box, hostname="127.0.0.1", port=free_port())
    server.start()
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", server.port
    yield box
    server.stop()


def called(settings: LazySettings, monkeypatch: pytest.MonkeyPatch, name: str) -> str:
    """The settings, as the environment makes them of a name."""
    monkeypatch.setenv("SITE_NAME", name)
    monkeypatch.delenv("DEFAULT_FROM_EMAIL", raising=False)
    settings.SITE_NAME = site_name("SITE_NAME", "Twofold")
    settings.DEFAULT_FROM_EMAIL = sender("DEFAULT_FROM_EMAIL", settings.SITE_NAME)
    return str(settings.SITE_NAME)


@pytest.mark.asvs("1.3.11")
@pytest.mark.parametrize("name", NAMES)
def test_every_mail_page_works_and_the_mail_says_the_name(
    settings: LazySettings, monkeypatch: pytest.MonkeyPatch, mailbox: Mailbox, name: str
) -> None:
    name, alice = called(settings, monkeypatch, name), make_customer()
    for page in ("/register/", "/recover/"):
        for address in (alice.email, "nobody@example.com"):
            assert Client().post(page, {"email": address}).status_code == 302
    assert len(mailbox.mails) == 4
    for mail in mailbox.mails:
        (author,) = mail["From"].addresses
        assert (author.display_name, author.addr_spec) == (name, "no-reply@localhost")
        assert name in str(mail["Subject"])
        assert name in mail.get_content()


@pytest.mark.parametrize("name", NAMES)
def test_an_authenticator_app_reads_the_name(
    settings: LazySettings, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    """The apps split the label at its first colon, encoded or not, and compare what is before it with the issuer."""
    name = called(settings, monkeypatch, name)
    parts = urlsplit(totp.uri(b"x" * 20, "ada@example.com"))
    issuer, _, account = unquote(parts.path).lstrip("/").partition(":")
    assert account == "ada@example.com"
    assert parse_qs(parts.query)["issuer"] == [issuer]
    assert issuer.replace(" ", "") == name.replace(":", "").replace(" ", "")


@pytest.mark.parametrize("name", NAMES)
def test_the_journal_has_the_name_as_its_title(
    settings: LazySettings, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    name = called(settings, monkeypatch, name)
    with snapshot() as cursor:
        text = "\n".join(journal.lines(cursor))
    _, errors, options = loader.load_string(text)
    assert errors == []
    assert options["title"] == name


@pytest.mark.asvs("1.2.1")
@pytest.mark.parametrize("name", NAMES)
def test_pages_show_it_as_text(settings: LazySettings, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    called(settings, monkeypatch, name)
    for page in ("/", "/help/", "/login/", "/register/", "/no/such/page/"):
        answer = Client().get(page)
        assert answer.status_code in (200, 404)
        assert "<b>Bank" not in answer.content.decode()
