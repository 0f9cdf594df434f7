"""The embedded PostgreSQL is for its owner only, also when root starts it."""

import os
import stat
from pathlib import Path

import psycopg
import pytest

from wallet_site.embedded.as_root import can_pass
from wallet_site.embedded.cluster import Cluster
from wallet_site.embedded.errors import CannotStart
from wallet_site.embedded.folders import make_data_dir
from wallet_site.embedded.programs import Service, last_line

as_root = pytest.mark.skipif(os.geteuid() != 0, reason="PostgreSQL needs another system user only under root")


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A folder like root's home: nobody else may enter it."""
    home = tmp_path / "home"
    home.mkdir(mode=0o700)
    return home


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


@as_root
def test_a_private_parent_may_be_passed_and_never_read(home: Path) -> None:
    said: list[str] = []
    with Cluster(home / "data", throw_away=True, say=said.append).use() as urls:
        assert psycopg.connect(urls.site).execute("SELECT 1").fetchone() == (1,)
        assert mode(home) == 0o710
        assert os.stat(home).st_uid == 0
    assert any(line.startswith(f"{home} may now be passed, not read, by ") for line in said)


@as_root
def test_a_parent_shared_with_a_group_is_left_alone(home: Path) -> None:
    home.chmod(0o740)
    with pytest.raises(CannotStart, match=r"cannot pass .*/home: make it passable"), Cluster(home / "data").use():
        pass
    assert mode(home) == 0o740


@as_root
def test_it_does_not_run_as_root(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EMBEDDED_POSTGRES_USER", "root")
    with pytest.raises(CannotStart, match="does not run as root"), Cluster(home / "data").use():
        pass


@pytest.mark.asvs("13.2.3")
def test_it_has_no_network_port_and_trusts_nobody(home: Path) -> None:
    with Cluster(home / "data", throw_away=True, say=lambda line: None).use() as urls:
        with psycopg.connect(urls.superuser) as connection:
            assert connection.execute("SHOW listen_addresses").fetchone() == ("",)
            methods = connection.execute("SELECT DISTINCT auth_method FROM pg_hba_file_rules").fetchall()
            assert methods == [("scram-sha-256",)]


def test_a_failing_statement_and_its_values_do_not_reach_its_log(home: Path) -> None:
    with Cluster(home / "data", throw_away=True, say=lambda line: None).use() as urls:
        with psycopg.connect(urls.owner, autocommit=True) as connection:
            connection.execute("CREATE TABLE secret (pin text UNIQUE)")
            connection.execute("INSERT INTO secret VALUES ('4071')")
            with pytest.raises(psycopg.errors.UniqueViolation):
                connection.execute("INSERT INTO secret VALUES ('4071')")
            with pytest.raises(psycopg.errors.UniqueViolation):
                connection.execute("INSERT INTO secret VALUES (%s)", ["4071"])
        log = (home / "data" / "postgres" / "log").read_text()
    assert "duplicate key" in log
    assert "4071" not in log


def test_a_link_where_its_folder_should_be_is_refused(home: Path) -> None:
    make_data_dir(home / "data")
    elsewhere = home / "elsewhere"
    elsewhere.mkdir(mode=0o755)
    (home / "data" / "postgres").symlink_to(elsewhere)
    with pytest.raises(CannotStart), Cluster(home / "data", say=lambda line: None).use():
        pass
    assert mode(elsewhere) == 0o755
    assert elsewhere.stat().st_uid == os.geteuid()


def test_lost_passwords_are_named_as_the_reason(home: Path) -> None:
    cluster = Cluster(home / "data", throw_away=True, say=lambda line: None)
    with cluster.use():
        pass
    cluster.passwords_file.unlink()
    with pytest.raises(CannotStart, match=r"postgres\.passwords is gone"), cluster.use():
        pass


@pytest.mark.parametrize("text", [b"junk", b"[1]", b"{}", b"\xff"])
def test_damaged_passwords_are_named_as_the_reason(home: Path, text: bytes) -> None:
    cluster = Cluster(home / "data", throw_away=True, say=lambda line: None)
    make_data_dir(home / "data")
    cluster.passwords_file.write_bytes(text)
    with pytest.raises(CannotStart, match=r"postgres\.passwords is damaged"), cluster.use():
        pass


@pytest.mark.parametrize(
    ("bits", "uid", "gid", "expected"),
    [
        (0o700, 1000, 1000, True),
        (0o600, 1000, 1000, False),
        (0o710, 0, 1000, True),
        (0o701, 0, 1000, False),
        (0o701, 0, 0, True),
        (0o750, 0, 0, False),
    ],
)
def test_who_can_pass_a_folder(bits: int, uid: int, gid: int, expected: bool) -> None:
    folder = os.stat_result((stat.S_IFDIR | bits, 0, 0, 1, uid, gid, 0, 0, 0, 0))
    assert can_pass(folder, Service("nobody-at-all", 1000, 1000)) is expected


def test_the_reason_is_the_last_fault_of_the_log() -> None:
    assert last_line("LOG: a\nFATAL: why\nLOG: shut down\n") == "FATAL: why"
    assert last_line("") == "no reason given"
