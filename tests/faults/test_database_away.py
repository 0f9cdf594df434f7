"""The database dies under a running site: its pages say so, and nobody sees a traceback or a wrong figure."""

import urllib.error
import urllib.request
from pathlib import Path

import psutil
import pytest

from tests.running import RunningSite


def fetch(url: str, **headers: str) -> tuple[int, dict[str, str], str]:
    try:
        with urllib.request.urlopen(urllib.request.Request(url, headers=headers), timeout=30) as answer:
            return answer.status, dict(answer.headers), answer.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, dict(error.headers), error.read().decode()


@pytest.mark.asvs("16.5.2")
def test_pages_answer_503_while_the_database_is_away(tmp_path: Path) -> None:
    with RunningSite(tmp_path / "data") as site:
        assert fetch(f"{site.base_url}/readyz")[0] == 200
        pid_file = site.data_dir / "postgres" / "data" / "postmaster.pid"
        postmaster = psutil.Process(int(pid_file.read_text().split()[0]))
        postmaster.kill()
        postmaster.wait()

        status, headers, body = fetch(f"{site.base_url}/wallet/", Cookie="session=" + "a" * 32)
        assert (status, headers["Retry-After"]) == (503, "10")
        assert "We are not available right now" in body
        assert headers["X-Request-Id"] in body
        assert fetch(f"{site.base_url}/readyz")[0] == 503
        assert fetch(f"{site.base_url}/healthz")[0] == 200
        assert fetch(f"{site.base_url}/help/")[0] == 200
    assert "Traceback" in site.output  # the operator's log has it, under the same id
    assert headers["X-Request-Id"] in site.output
