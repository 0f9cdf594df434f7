"""The site as it runs in production (its settings, its role, mail by SMTP), with every log at its most talkative."""

import base64
import os
import subprocess
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from email.message import Message
from typing import LiteralString
from urllib.parse import urlsplit

import psycopg
import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.handlers import Message as MessageHandler
from playwright.sync_api import Browser, BrowserContext
from psycopg import sql

from tests.driver.front import https_in_front
from tests.running import RunningSite, free_port, manage, wait_for
from tests.security.journey import NOTE, SITE, Traveller, enrol_staff, new_password, open_wallet
from wallet_site.embedded.cluster import Cluster
from wallet_site.embedded.programs import program
from wallet_site.embedded.roles import Urls

# What a proxy in front says, once for all: the request came by https.
FORWARDED = {"X-Forwarded-Proto": "https", "X-Forwarded-For": "203.0.113.7"}
USER_AGENT = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
KEY = os.urandom(32)
KEY_ID = "k1"
TALKATIVE = {
    "log_statement": "all",
    "log_min_messages": "debug1",
    "log_min_error_statement": "debug1",
    "log_error_verbosity": "verbose",
    "log_parameter_max_length": "-1",
    "log_parameter_max_length_on_error": "-1",
    "log_connections": "on",
    "log_duration": "on",
}


class Mailbox(MessageHandler):
    """What the mail server was handed."""

    def __init__(self) -> None:
        super().__init__()
        self.texts: list[str] = []

    def handle_message(self, message: Message) -> None:
        body = message.get_payload(decode=True)
        assert isinstance(body, bytes)
        self.texts.append(body.decode())


@dataclass
class Production:
    """A running site, and what only its operator has."""

    site: RunningSite
    cluster: Cluster
    urls: Urls
    mailbox: Mailbox
    browser: Browser
    front: str  # the address of the proxy that speaks https for it
    windows: list[BrowserContext] = field(default_factory=list)
    key: bytes = KEY
    key_id: str = KEY_ID

    def new_window(self) -> BrowserContext:
        """Without JavaScript. The certificate is nobody's that it trusts."""
        window = self.browser.new_context(
            base_url=SITE, proxy={"server": self.front}, ignore_https_errors=True, java_script_enabled=False,
            extra_http_headers=FORWARDED, user_agent=USER_AGENT,
        )  # fmt: skip
        self.windows.append(window)
        return window

    def close(self) -> None:
        for window in self.windows:
            window.close()

    def last_mail(self) -> str:
        return self.mailbox.texts[-1]

    def manage(self, *arguments: str, **environment: str) -> str:
        done = manage(self.site.env | environment, *arguments)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    @contextmanager
    def failing(self, event: LiteralString, table: str, sqlstate: str) -> Iterator[None]:
        """Inside it, the database answers so to what is done to this table."""
        body = sql.SQL("BEGIN RAISE EXCEPTION 'forced' USING ERRCODE = {}; END").format(sqlstate).as_string()
        with psycopg.connect(self.urls.owner, autocommit=True) as owner:
            owner.execute(sql.SQL("CREATE FUNCTION forced() RETURNS trigger LANGUAGE plpgsql AS {}").format(body))
            trigger = "CREATE TRIGGER forced BEFORE {} ON {} FOR EACH ROW EXECUTE FUNCTION forced()"
            owner.execute(sql.SQL(trigger).format(sql.SQL(event), sql.Identifier(table)))
            try:
                yield
            finally:
                owner.execute("DROP FUNCTION forced CASCADE")

    def dump(self) -> str:
        """The whole database, as a thief would take it."""
        command = [program("pg_dump"), "--no-owner", self.urls.superuser]
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout

    def logs(self) -> dict[str, str]:
        """By who wrote them. The site's output is Django's, gunicorn's and its access log."""
        return {"site": self.site.output, "PostgreSQL": self.cluster.log.read_text(errors="replace")}


@pytest.fixture(scope="package")
def production(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Production]:
    folder = tmp_path_factory.mktemp("production")
    cluster = Cluster(folder / "database", throw_away=True, say=lambda line: None)
    mailbox = Mailbox()
    mail = Controller(mailbox, hostname="127.0.0.1", port=free_port())
    with cluster.use() as urls:
        turn_up(urls.superuser)
        mail.start()
        try:
            with (
                RunningSite(folder / "data", port=None, **environment(urls, mail.port)) as site,
                https_in_front(urlsplit(SITE).netloc, site.port, folder) as front,
                closing(Production(site, cluster, urls, mailbox, browser, front)) as running,
            ):
                yield running
        finally:
            mail.stop()


def environment(urls: Urls, mail_port: int) -> dict[str, str]:
    return {
        "DEMO": "0",
        "DEBUG": "0",
        "SECRET_KEY": base64.urlsafe_b64encode(os.urandom(48)).decode(),
        "CREDENTIAL_KEYS": f"{KEY_ID}:{base64.urlsafe_b64encode(KEY).decode()}",
        "DATABASE_URL": urls.site,
        "OWNER_DATABASE_URL": urls.owner,
        "SITE_URL": SITE,
        "ALLOWED_HOSTS": "127.0.0.1",
        "BIND": "127.0.0.1",
        "TRUSTED_PROXIES": "1",
        "EMAIL_URL": f"smtp://127.0.0.1:{mail_port}",
        "LOG_LEVEL": "DEBUG",
        "GUNICORN_CMD_ARGS": "--log-level debug --access-logfile -",
    }


def turn_up(superuser_url: str) -> None:
    """PostgreSQL says all that it can say about statements and their values, to whoever connects from now on."""
    with psycopg.connect(superuser_url, autocommit=True) as connection:
        for name, value in TALKATIVE.items():
            connection.execute(sql.SQL("ALTER SYSTEM SET {} = {}").format(sql.Identifier(name), value))
        connection.execute("SELECT pg_reload_conf()")
    wait_for(lambda: is_talkative(superuser_url))


def is_talkative(superuser_url: str) -> bool:
    with psycopg.connect(superuser_url, autocommit=True) as connection:
        found = connection.execute("SELECT name, setting FROM pg_settings WHERE name = ANY(%s)", [list(TALKATIVE)])
        if dict(found.fetchall()) == TALKATIVE:
            return True
        connection.execute("SELECT pg_reload_conf()")
        return False


@dataclass
class Travelled:
    """What is left behind when everybody has done everything, and two requests have failed."""

    people: list[Traveller]
    dump: str
    logs: dict[str, str]
    failures: list[str]  # the pages that said so

    @property
    def secrets(self) -> dict[str, str]:
        return {f"{who.email}: {what}": secret for who in self.people for what, secret in who.secrets.items()}

    @property
    def seeds(self) -> list[bytes]:
        return [seed for who in self.people for seed in who.seeds]


@pytest.fixture(scope="package")
def travelled(production: Production) -> Travelled:
    ada = open_wallet(production, "ada.traveller@example.com", "ada_t")
    grace = open_wallet(production, "grace.traveller@example.com", "grace_t")
    production.manage("shell", "-c", FUND, DATABASE_URL=production.urls.owner)  # pages bring no money in
    failures = [fail_to_pay(production, grace), fail_to_change_password(production, grace)]
    ada.travel("@grace_t")
    people = [ada, grace, enrol_staff(production)]
    for who in people:
        who.keep_cookies()
    return Travelled(people, production.dump(), production.logs(), failures)


FUND = """
from uuid import uuid4
from accounts.models import User
from ledger.models import Account
from ledger.posting import Order, post
outside = Account.objects.system("settlement")
wallets = [Account.objects.for_owner(User.objects.by_handle(handle)) for handle in ("ada_t", "grace_t")]
post([Order(id=uuid4(), debit=outside, credit=wallet, amount=50_00, kind="deposit") for wallet in wallets])
"""


def fail_to_pay(production: Production, payer: Traveller) -> str:
    """The PIN is on its way when every attempt at the transaction is refused."""
    payer.send("@ada_t", "2.00", NOTE)
    with production.failing("INSERT", "ledger_transfer", "40001"):
        answer = payer.approve()
    assert answer.status == 500
    return answer.text()


def fail_to_change_password(production: Production, who: Traveller) -> str:
    """Two passwords and a code are on their way when the row cannot be written."""
    who.goto("/settings/security/password/")
    who.fill({"New password": new_password("scarlet")})
    with production.failing("UPDATE", "accounts_user", "XX000"):
        answer = who.prove("Change my password", who.next_code())
    assert answer.status == 500
    return answer.text()
