"""SECURITY.md keeps its word: every threat names a test, and every test named is there."""

import re

import pytest

from wallet_site.environment import BASE_DIR

PAGE = (BASE_DIR / "SECURITY.md").read_text()
THREATS = PAGE.partition("## Threats")[2].partition("\n## ")[0]
ROWS = [line for line in THREATS.splitlines() if line.startswith("| ") and not line.startswith("| threat")]


def test_there_is_a_model() -> None:
    assert len(ROWS) > 30


@pytest.mark.parametrize("row", ROWS, ids=lambda row: str(row).split("|")[1].strip()[:40])
def test_every_threat_has_a_test_that_is_there(row: str) -> None:
    named = re.findall(r"`(\w+/test_\w+\.py)::(test_\w+)`", row.split("|")[3])
    assert named
    for file, test in named:
        assert f"def {test}(" in (BASE_DIR / "tests" / file).read_text(), f"{file}::{test}"
