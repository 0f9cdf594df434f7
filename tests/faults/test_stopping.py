"""However the site ends, no process stays behind and nothing that was written is lost."""

import signal
import socket
import subprocess
import sys
import uuid
from collections.abc import Iterator

import psutil
import pytest

from tests.running import RunningSite, wait_for
from wallet_site.environment import BASE_DIR

PAY = """
from accounts.models import User
from ledger.models import Account
from ledger.posting import Order, post
import uuid
ada, grace = (Account.objects.for_owner(User.objects.by_handle(handle)) for handle in ("ada", "grace"))
post([Order(id=uuid.UUID("{id}"), debit=ada, credit=grace, amount=1, kind="payment", initiated_by=ada.owner_id)])
"""
COUNT = """
from ledger.models import Entry
print("entries:", Entry.objects.filter(transfer_id="{id}").count())
"""


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningSite]:
    """One site, stopped and started again by each test: its data are to outlive every one of them."""
    site = RunningSite(tmp_path_factory.mktemp("site") / "data")
    yield site
    site.kill()


@pytest.fixture
def running(site: RunningSite) -> RunningSite:
    if site.has_ended:
        site.start()
    return site


def pay(site: RunningSite) -> uuid.UUID:
    transfer = uuid.uuid4()
    site.manage("shell", "--no-imports", "-c", PAY.format(id=transfer))
    return transfer


def assert_nothing_is_left(site: RunningSite) -> None:
    wait_for(lambda: not site.processes(), seconds=10)
    with socket.socket() as probe:
        assert probe.connect_ex(("127.0.0.1", site.port)) != 0


def assert_nothing_is_lost(site: RunningSite, transfer: uuid.UUID) -> None:
    """A command of its own starts the database again, and stops it at its end."""
    assert "entries: 2" in site.manage("shell", "--no-imports", "-c", COUNT.format(id=transfer))
    assert site.processes() == []


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_it_stops_everything_when_asked(running: RunningSite, number: signal.Signals) -> None:
    transfer = pay(running)
    assert running.stop(number) == 0
    assert_nothing_is_left(running)
    assert_nothing_is_lost(running, transfer)


def test_it_stops_everything_when_gunicorns_master_is_killed(running: RunningSite) -> None:
    transfer = pay(running)
    running.gunicorn().kill()
    assert running.wait() == 1
    assert running.lines[-1] == "The web server ended on its own (killed by SIGKILL). Everything else is stopped too.\n"
    assert_nothing_is_left(running)
    assert_nothing_is_lost(running, transfer)


def test_it_serves_on_when_a_worker_is_killed(running: RunningSite) -> None:
    worker = running.gunicorn().children()[0]
    worker.kill()
    wait_for(lambda: len(running.gunicorn().children()) >= 2)
    assert not running.has_ended


def test_it_stops_in_the_middle_of_its_start(site: RunningSite) -> None:
    if not site.has_ended:
        site.stop()
    site.start(wait=False)
    wait_for(lambda: any("postgres" in name for name in site.names()))
    assert site.stop(signal.SIGTERM) == 0
    assert_nothing_is_left(site)


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells a process that its parent was killed")
def test_gunicorn_ends_when_the_supervisor_is_killed_and_the_next_one_out_stops_postgresql(
    running: RunningSite,
) -> None:
    transfer = pay(running)
    running.stop(signal.SIGKILL)
    wait_for(lambda: running.names() <= {"postgres"})
    assert running.processes() != []
    assert_nothing_is_lost(running, transfer)


def test_it_starts_after_the_machine_crashed(running: RunningSite) -> None:
    transfer = pay(running)
    running.kill()
    running.wait()
    wait_for(lambda: not running.processes())
    # After a restart of the machine the old process id may be anybody's: here it is ours.
    pid_file = running.data_dir / "postgres" / "data" / "postmaster.pid"
    _, *rest = pid_file.read_text().splitlines(keepends=True)
    pid_file.write_text("".join([f"{psutil.Process().pid}\n", *rest]))
    assert_nothing_is_lost(running, transfer)


def test_the_last_of_several_commands_stops_the_shared_postgresql(site: RunningSite) -> None:
    if not site.has_ended:
        site.stop()
    command = [sys.executable, "manage.py", "shell", "--no-imports", "-c", "print('in', flush=True); input()"]
    with subprocess.Popen(
        command, cwd=BASE_DIR, env=site.env, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as first:
        assert first.stdout is not None
        assert first.stdout.readline() == "in\n"
        site.manage("shell", "--no-imports", "-c", "")
        assert first.poll() is None
        assert "postgres" in site.names()
        first.communicate("\n")
    assert_nothing_is_left(site)


def test_a_command_that_is_asked_to_end_stops_postgresql(site: RunningSite) -> None:
    command = [sys.executable, "manage.py", "shell", "--no-imports", "-c", "print('in', flush=True); input()"]
    with subprocess.Popen(
        command, cwd=BASE_DIR, env=site.env, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as waiting:
        assert waiting.stdout is not None
        assert waiting.stdout.readline() == "in\n"
        waiting.terminate()
    assert_nothing_is_left(site)
