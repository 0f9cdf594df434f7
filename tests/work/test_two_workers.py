"""Two real workers on a real PostgreSQL and a real mail server, killed at random: nothing is lost, nothing shown twice."""

import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta
from itertools import pairwise
from typing import Any
from urllib.parse import urlsplit

import pytest
from aiosmtpd.controller import Controller
from django.db import connection
from django.utils import timezone

from accounts.models import User
from ledger.models import Account, Transfer
from ledger.posting import post
from notices import outbox
from notices.models import Kind, Letter, Notice, Outbox
from statements.models import MonthlyRun, Seal, Statement
from tests.ledger.books import BOTH, order, user
from tests.ledger.test_log import assert_whole
from tests.running import free_port, wait_for
from wallet_site.environment import BASE_DIR

pytestmark = pytest.mark.django_db(transaction=True, databases=BOTH)
KILLS = 30
WALLETS, MONTHS = 30, 20  # whose statements are made meanwhile
KEY = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="


class Mailbox:
    """Each mail takes it a moment, so that a worker is often killed in the middle of one."""

    def __init__(self) -> None:
        self.ids: Counter[str] = Counter()

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        line = next(line for line in envelope.content.splitlines() if line.lower().startswith(b"message-id"))
        self.ids[line.decode().partition("<")[2].partition("@")[0]] += 1
        return "250 OK"


@pytest.fixture
def mailbox() -> Iterator[tuple[Mailbox, int]]:
    taken = Mailbox()
    controller = Controller(taken, hostname="127.0.0.1", port=free_port())
    controller.start()
    yield taken, controller.port
    controller.stop()


class Farm:
    def __init__(self, process: subprocess.Popen[str]) -> None:
        self.process = process

    def start_worker(self) -> int:
        assert self.process.stdin and self.process.stdout
        self.process.stdin.write("one\n")
        self.process.stdin.flush()
        return int(self.process.stdout.readline())


@contextmanager
def farm(mail_port: int) -> Iterator[Farm]:
    """Workers of the tests' own database, and of this mail server."""
    url = urlsplit(os.environ["DATABASE_URL"])
    database = url._replace(path=f"/{connection.settings_dict['NAME']}").geturl()
    environment = os.environ | {
        "DATABASE_URL": database,
        "BCRYPT_ROUNDS": "10",
        "EMAIL_URL": f"smtp://127.0.0.1:{mail_port}",
        "CHECKPOINT_KEY": KEY,
    }
    command = [sys.executable, "-m", "tests.work.farm"]
    with subprocess.Popen(
        command, cwd=BASE_DIR, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        yield Farm(process)


def is_alive(pid: int) -> bool:
    with suppress(ProcessLookupError):
        os.kill(pid, 0)
        return True
    return False


@pytest.fixture
def wallets() -> list[Account]:
    """Of as many customers, each with one entry some months ago."""
    opened = [Account.objects.for_owner(user(f"customer{n}")) for n in range(WALLETS)]
    cash = Account.objects.system("cash")
    long_ago = timezone.now() - timedelta(days=30 * MONTHS)
    post([order(cash, each, 100_00) for each in opened], at=long_ago)
    return opened


def test_killed_at_thirty_random_moments_nothing_is_lost_and_nothing_there_twice(
    ada: User, wallets: list[Account], mailbox: tuple[Mailbox, int], record_property: Any
) -> None:
    """Every notice is mailed, and shown once; each month of each wallet has its statement; the log has every payment."""
    seed = random.SystemRandom().randrange(10**9)
    print(f"random.seed({seed})")
    record_property("seed", seed)
    dice = random.Random(seed)
    taken, port = mailbox
    with farm(port) as workers:
        pids = [workers.start_worker(), workers.start_worker()]
        for _ in range(KILLS):
            for _ in range(dice.randrange(5, 30)):
                outbox.tell(ada.id, Kind.MONEY_IN, amount=12_34, currency="EUR", name="Grace Hopper")
            payer, payee = dice.sample(wallets, 2)
            post([order(payer, payee, 1) for _ in range(dice.randrange(1, 9))])
            time.sleep(dice.uniform(0.05, 0.5))  # the moment is the point: it is random
            victim = dice.randrange(2)
            os.kill(pids[victim], signal.SIGKILL)
            pids[victim] = workers.start_worker()
        for waiting in (
            MonthlyRun.objects.exclude(next_at=None),
            Outbox.objects.exclude(next_at=None),
            Letter.objects.exclude(next_at=None),
            Seal.objects.filter(note=""),
            Transfer.objects.filter(log_leaf=None),
        ):
            wait_for(lambda waiting=waiting: not waiting.exists())  # type: ignore[misc]
        told = set(Outbox.objects.values_list("id", flat=True))
        for pid in pids:
            os.kill(pid, signal.SIGTERM)
        wait_for(lambda: not any(map(is_alive, pids)))
    assert set(Notice.objects.values_list("id", flat=True)) == told
    assert set(taken.ids) == {str(one) for one in told}
    assert not Letter.objects.filter(gave_up_at__isnull=False).exists()
    assert_each_month_has_its_statement(wallets)
    assert Outbox.objects.filter(kind=Kind.STATEMENT_READY).count() == WALLETS
    assert_whole()
    print(
        f"{len(told)} told, {sum(taken.ids.values()) - len(told)} mailed twice; {Statement.objects.count()} statements"
    )


def assert_each_month_has_its_statement(wallets: list[Account]) -> None:
    last = timezone.localdate().replace(day=1)
    for each in wallets:
        made = list(each.statements.order_by("number").values_list("number", "first_day", "last_day"))
        assert [number for number, _, _ in made] == list(range(1, len(made) + 1))
        assert all(later[1] == earlier[2] + timedelta(days=1) for earlier, later in pairwise(made))
        assert made[-1][2] == last - timedelta(days=1) and len(made) >= MONTHS - 1


def test_two_share_the_work_and_sigterm_ends_each_after_what_it_holds(ada: User, mailbox: tuple[Mailbox, int]) -> None:
    taken, port = mailbox
    for _ in range(200):
        outbox.tell(ada.id, Kind.RECOVERY_USED)
    with farm(port) as workers:
        pids = [workers.start_worker(), workers.start_worker()]
        wait_for(lambda: sum(taken.ids.values()) > 20)
        for pid in pids:
            os.kill(pid, signal.SIGTERM)
        wait_for(lambda: not any(map(is_alive, pids)))
        # Each mail that was taken is written down as sent: nothing was dropped half way.
        assert Letter.objects.filter(next_at=None).count() == len(taken.ids)
        assert not Letter.objects.exclude(claimed_until=None).exists()
        last = workers.start_worker()
        wait_for(lambda: len(taken.ids) == 200)
        os.kill(last, signal.SIGTERM)
        wait_for(lambda: not is_alive(last))
    assert set(taken.ids.values()) == {1}
