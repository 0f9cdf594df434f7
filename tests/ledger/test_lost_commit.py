"""The answer to COMMIT is lost on its way. A small proxy between Django and PostgreSQL does it for real."""

import socket
import tempfile
import threading
from collections.abc import Iterator
from contextlib import suppress
from functools import partial

import pytest
from django.db import OperationalError, connections

from ledger import db
from ledger.db import ALIAS, OutcomeUnknown, serializable
from ledger.models import Transfer
from ledger.posting import post
from tests.ledger.books import BOTH, account, balances, order

pytestmark = pytest.mark.django_db(transaction=True, databases=BOTH)


class Proxy:
    """Passes everything on, until it is armed and sees a COMMIT go by: then it drops that connection, as told."""

    def __init__(self, folder: str, server: str) -> None:
        self.server = server
        self.forward_commit = True  # or: the COMMIT never arrives
        self.refuse_afterwards = False  # nobody gets through any more
        self.armed, self.refusing = False, False
        self.dropped = 0
        self.listener = socket.socket(socket.AF_UNIX)
        self.listener.bind(f"{folder}/.s.PGSQL.5432")
        self.listener.listen()
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self) -> None:
        with suppress(OSError):
            while True:
                client, _ = self.listener.accept()
                if self.refusing:
                    client.close()
                    continue
                upstream = socket.socket(socket.AF_UNIX)
                upstream.connect(self.server)
                threading.Thread(target=self.to_server, args=(client, upstream), daemon=True).start()
                threading.Thread(target=self.to_client, args=(client, upstream), daemon=True).start()

    def to_server(self, client: socket.socket, upstream: socket.socket) -> None:
        with suppress(OSError):
            while data := client.recv(65536):
                if self.armed and b"COMMIT" in data:
                    self.drop(client, upstream, data)
                    return
                upstream.sendall(data)
        hang_up(upstream)

    def drop(self, client: socket.socket, upstream: socket.socket, data: bytes) -> None:
        self.armed = False
        self.dropped += 1
        self.refusing = self.refuse_afterwards
        hang_up(client)  # so that no answer gets back
        if self.forward_commit:
            upstream.sendall(data)
        else:
            hang_up(upstream)

    def to_client(self, client: socket.socket, upstream: socket.socket) -> None:
        with suppress(OSError):
            while data := upstream.recv(65536):
                client.sendall(data)
        hang_up(client)


def hang_up(end: socket.socket) -> None:
    with suppress(OSError):
        end.shutdown(socket.SHUT_RDWR)


@pytest.fixture
def proxy() -> Iterator[Proxy]:
    connection = connections[ALIAS]
    connection.ensure_connection()
    info = connection.connection.info
    server = f"{info.host}/.s.PGSQL.{info.port}"
    connection.close()
    settings = connection.settings_dict
    options = settings["OPTIONS"]
    with tempfile.TemporaryDirectory() as folder:
        proxy = Proxy(folder, server)
        before = dict(settings), dict(options)
        options.pop("host", None)
        settings.update(HOST=folder, PORT="5432")
        yield proxy
        connection.close()
        settings.clear()
        settings.update(before[0])
        settings["OPTIONS"] = before[1]
        hang_up(proxy.listener)


def execute(statement: str) -> None:
    with connections["default"].cursor() as cursor:
        cursor.execute(statement)


def test_a_commit_that_was_written_gives_its_transfer(proxy: Proxy) -> None:
    alice, bob = account(1000), account()
    payment = order(alice, bob, 1000)
    lost = db.unknown._value.get()
    proxy.armed = True
    (transfer,) = post([payment])
    assert (proxy.dropped, transfer.pk) == (1, payment.id)
    assert list(Transfer.objects.filter(kind="payment")) == [transfer]
    assert balances(alice, bob) == [0, 1000]
    assert db.unknown._value.get() == lost + 1


def test_a_commit_that_never_arrived_is_posted_then(proxy: Proxy) -> None:
    alice, bob = account(1000), account()
    payment = order(alice, bob, 1000)
    proxy.forward_commit, proxy.armed = False, True
    (transfer,) = post([payment])
    assert (proxy.dropped, transfer.pk) == (1, payment.id)
    assert Transfer.objects.filter(kind="payment").count() == 1
    assert balances(alice, bob) == [0, 1000]


def test_a_commit_still_under_way_is_waited_for(proxy: Proxy) -> None:
    """The server is slow at COMMIT: it is neither there nor failed when we look, and must not be posted twice."""
    alice, bob = account(1000), account()
    payment = order(alice, bob, 1000)
    execute(
        "CREATE FUNCTION slow() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN PERFORM pg_sleep(0.5); RETURN NULL; END $$;"
        "CREATE CONSTRAINT TRIGGER slow AFTER INSERT ON ledger_transfer DEFERRABLE INITIALLY DEFERRED"
        " FOR EACH ROW EXECUTE FUNCTION slow()"
    )
    try:
        proxy.armed = True
        (transfer,) = post([payment])
    finally:
        execute("DROP FUNCTION slow() CASCADE")
    assert (proxy.dropped, transfer.pk) == (1, payment.id)
    assert list(Transfer.objects.filter(kind="payment")) == [transfer]
    assert transfer.attempts == 1  # the first one's, which was committing while we looked
    assert balances(alice, bob) == [0, 1000]


@pytest.mark.parametrize("forwarded", [True, False])
def test_it_stays_unknown_while_nobody_answers_and_trying_again_is_safe(proxy: Proxy, forwarded: bool) -> None:
    alice, bob = account(1000), account()
    payment = order(alice, bob, 1000)
    proxy.armed, proxy.refuse_afterwards, proxy.forward_commit = True, True, forwarded
    default, there = connections["default"], connections[ALIAS].settings_dict
    here = default.settings_dict
    default.close()
    default.settings_dict = there  # so that nobody can look it up
    try:
        with pytest.raises(OutcomeUnknown):
            post([payment])
    finally:
        default.close()
        default.settings_dict = here
    proxy.refusing = False
    assert post([payment]) == [Transfer(id=payment.id)]
    assert Transfer.objects.filter(kind="payment").count() == 1


def test_a_connection_lost_before_commit_is_a_plain_failure(proxy: Proxy) -> None:
    alice, bob = account(1000), account()

    def work() -> None:
        post([order(alice, bob, 1000)])
        with connections[ALIAS].cursor() as cursor:
            cursor.execute("SELECT pg_backend_pid()")
            pid = cursor.fetchone()[0]
        with connections["default"].cursor() as cursor:
            cursor.execute("SELECT pg_terminate_backend(%s)", [pid])
        with connections[ALIAS].cursor() as cursor:
            cursor.execute("SELECT 1")

    with pytest.raises(OperationalError):
        serializable(work)
    connections[ALIAS].close()
    assert balances(alice, bob) == [1000, 0]


def test_a_block_whose_commit_is_lost_says_so(proxy: Proxy) -> None:
    """serializable() cannot look up what it does not know: only post() settles it."""
    alice, bob = account(1000), account()
    payment = order(alice, bob, 1000)
    proxy.armed = True
    with pytest.raises(OutcomeUnknown):
        serializable(partial(post, [payment]))
    assert post([payment]) == [Transfer(id=payment.id)]
    assert balances(alice, bob) == [0, 1000]
