"""What stands in the way of a start is said in one line, and a second start has nothing left to do."""

import re
import socket
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.production import ENVIRONMENT
from tests.running import RunningSite, bare_environment, free_port, manage
from wallet_site.embedded.folders import socket_folder
from wallet_site.embedded.service_user import service_user

NAMES = ["SECRET_KEY", "CREDENTIAL_KEYS", "DATABASE_URL", "SITE_URL", "ALLOWED_HOSTS"]


@pytest.fixture
def site(tmp_path: Path) -> Iterator[RunningSite]:
    site = RunningSite(tmp_path / "data")
    yield site
    if not site.has_ended:
        site.stop()


def refused(site: RunningSite) -> str:
    """The one line it says when it does not start, and nothing else."""
    site.start(wait=False)
    assert site.wait() == 1
    (line,) = site.lines
    return line


def test_it_says_that_the_port_is_taken_before_anything_slow(site: RunningSite) -> None:
    with socket.create_server(("127.0.0.1", site.port)):
        assert refused(site) == (
            f"Port {site.port} cannot be used (Address already in use): choose another, like PORT=8001.\n"
        )
    assert not site.data_dir.exists()


@pytest.mark.parametrize("port", ["http", "0", "65536", "8_0", "٨٠"])
def test_it_says_that_a_port_is_no_port(site: RunningSite, port: str) -> None:
    site.env["PORT"] = port
    assert refused(site) == f"PORT is {port!r}: it must be a number from 1 to 65535.\n"


def test_it_says_that_the_data_folder_cannot_be_written(site: RunningSite) -> None:
    site.data_dir.write_text("a file, where the folder should be")
    assert refused(site) == f"The data folder {site.data_dir} cannot be written to: File exists.\n"


def test_a_command_in_a_second_terminal_says_that_the_data_folder_is_none(tmp_path: Path) -> None:
    environment = bare_environment(tmp_path / "data")
    del environment["DEMO"]
    (tmp_path / "data").write_text("a file, where the folder should be")
    done = manage(environment, "verify_ledger")
    assert (done.returncode, done.stderr) == (1, f"The data folder {tmp_path / 'data'} is not a folder.\n")


@pytest.mark.parametrize("demo", [{}, {"DEMO": "1"}])
@pytest.mark.parametrize("text", [b"", b"DEMO=1\nSECRET_KEY=half", b"DEMO=1\n\xff\xfe"])
def test_it_names_a_damaged_file_of_demo_mode(tmp_path: Path, text: bytes, demo: dict[str, str]) -> None:
    environment = bare_environment(tmp_path / "data")
    del environment["DEMO"]
    made = tmp_path / "data" / "demo.env"
    made.parent.mkdir()
    made.write_bytes(text)
    done = manage(environment | demo, "verify_ledger")
    assert done.returncode == 1
    assert re.fullmatch(rf"{re.escape(str(made))} is damaged: it does not say [A-Z_]+\.\n", done.stderr)


@pytest.mark.parametrize("server", ["127.0.0.1:1", "no-such-host.invalid"])
def test_it_says_that_the_database_cannot_be_reached(site: RunningSite, server: str) -> None:
    site.env["DATABASE_URL"] = f"postgres://wallet_site:hunter2@{server}/wallet"
    line = refused(site)
    assert line.startswith("The database cannot be reached: ")
    assert "hunter2" not in line


@pytest.mark.parametrize("name", NAMES)
def test_outside_demo_mode_a_command_names_the_setting_that_is_missing(tmp_path: Path, name: str) -> None:
    done = manage({**bare_environment(tmp_path / "data"), **ENVIRONMENT, name: ""}, "check")
    assert done.returncode == 2
    assert done.stderr == f"{name} is not set: see .env.example for what it holds.\n"
    assert not (tmp_path / "data").exists()


@pytest.mark.parametrize("name", ["DATABASE_URL", "OWNER_DATABASE_URL"])
@pytest.mark.parametrize(
    "url", ["garbage", "mysql://wallet:hunter2@db/wallet", "postgres://wallet:hunter2@db:x/wallet"]
)
def test_a_url_that_is_none_of_a_postgresql_is_named_and_not_repeated(tmp_path: Path, name: str, url: str) -> None:
    done = manage({**bare_environment(tmp_path / "data"), **ENVIRONMENT, name: url}, "check")
    expected = f"{name} is not of the form postgres://user:password@host/database.\n"
    assert (done.returncode, done.stderr) == (2, expected)


@pytest.mark.parametrize("name", ["DEMO", "DEBUG"])
@pytest.mark.parametrize("value", ["maybe", "2", " 1"])
def test_a_switch_that_is_neither_on_nor_off_is_refused(tmp_path: Path, name: str, value: str) -> None:
    done = manage({**bare_environment(tmp_path / "data"), **ENVIRONMENT, name: value}, "check")
    assert (done.returncode, done.stderr) == (2, f"{name} is {value!r}: it must be 1 or 0.\n")


def test_outside_demo_mode_the_site_names_the_setting_that_is_missing(site: RunningSite) -> None:
    site.env |= {**ENVIRONMENT, "SECRET_KEY": "", "BIND": "127.0.0.1"}
    site.start(wait=False)
    assert site.wait() == 2
    assert site.lines == ["SECRET_KEY is not set: see .env.example for what it holds.\n"]


def test_production_settings_pass_djangos_deployment_checks(tmp_path: Path) -> None:
    environment = {**bare_environment(tmp_path / "data"), **ENVIRONMENT}
    done = manage(environment, "check", "--deploy", "--fail-level", "WARNING")
    assert done.returncode == 0, done.stderr


def test_a_leftover_of_demo_mode_decides_nothing_where_a_database_is_named(tmp_path: Path) -> None:
    leftover = tmp_path / "data" / "demo.env"
    leftover.parent.mkdir()
    leftover.write_text("DEMO=1\nSECRET_KEY=known-to-everybody\n")
    environment = {**bare_environment(leftover.parent), **ENVIRONMENT, "SECRET_KEY": ""}
    del environment["DEMO"], environment["SECRET_KEY"]
    done = manage(environment, "check")
    assert (done.returncode, done.stderr) == (2, "SECRET_KEY is not set: see .env.example for what it holds.\n")


def test_a_second_start_finds_everything_made(site: RunningSite) -> None:
    site.start()
    assert "Making the tables…\n" in site.lines
    assert site.stop() == 0
    site.start()
    assert not [line for line in site.lines if line.startswith(("Ma", "Gathering"))]
    assert "ada@example.com" in site.output


@pytest.mark.asvs("13.3.2")
def test_what_demo_mode_keeps_is_for_its_owner_only(site: RunningSite) -> None:
    site.start()
    for name in ("demo.env", "demo-log.env", "postgres.passwords"):
        assert stat.S_IMODE((site.data_dir / name).stat().st_mode) == 0o600
    folder = site.data_dir / "postgres"
    assert stat.S_IMODE(socket_folder(folder, service_user(folder)).stat().st_mode) == 0o700
    assert stat.S_IMODE(site.data_dir.stat().st_mode) & 0o067 == 0


def test_a_second_terminal_needs_no_settings(site: RunningSite) -> None:
    site.start()
    del site.env["DEMO"], site.env["DATABASE_URL"]
    code = site.manage("totp", "ada@example.com")
    assert len([word for word in code.split() if len(word) == 6 and word.isdigit()]) >= 1
    assert not site.has_ended


def test_a_path_too_long_for_a_socket_gets_a_private_folder_elsewhere(tmp_path: Path) -> None:
    deep = tmp_path / ("deep" * 20) / "data"
    deep.parent.mkdir()
    with RunningSite(deep) as site:
        configuration = (deep / "postgres" / "data" / "wallet.conf").read_text()
        assert str(deep) not in configuration
        assert site.manage("check")
        (socket_folder,) = re.findall(r"""unix_socket_directories = '"(.*)"'""", configuration)
        assert stat.S_IMODE(Path(socket_folder).stat().st_mode) == 0o700
    assert not Path(socket_folder).exists()


def test_a_path_may_hold_spaces_and_quotes(tmp_path: Path) -> None:
    odd = tmp_path / 'Ada\'s "books", 50% & more' / "data"
    odd.parent.mkdir()
    with RunningSite(odd) as site:
        assert site.manage("check")


def test_the_site_listens_on_loopback_only_in_demo_mode(site: RunningSite) -> None:
    site.env["BIND"] = "0.0.0.0"
    site.start()
    addresses = {
        connection.laddr.ip
        for process in site.processes()
        for connection in process.net_connections()
        if connection.status == "LISTEN" and connection.laddr
    }
    assert addresses == {"127.0.0.1"}


def test_free_ports_are_not_refused() -> None:
    from wallet_site.ports import why_not

    assert why_not("127.0.0.1", str(free_port())) is None
