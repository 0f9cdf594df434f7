"""A setting that cannot be meant stops the start, in one line with its name, whichever command is run."""

import ast
import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.production import ENVIRONMENT
from tests.running import bare_environment, manage
from wallet_site.environment import BASE_DIR

CANNOT_BE_MEANT = {
    "TRUSTED_PROXIES": ["-1", "11", "1.0", "+1", "1_0", "١", "many"],
    "CODE_FROM": ["-1", "1e9", "1000000000000", "9" * 5000],
    "NEW_PAYEE_CODE_FROM": ["-1", " 5"],
    "SIGN_IN_TRIES_PER_NETWORK": ["0", "-5"],
    "BCRYPT_ROUNDS": ["3", "17", "99", "-12"],
    "PORT": ["0", "65536", "http"],
    "WEB_WORKERS": ["0", "-1", "65"],
    "WEB_THREADS": ["0", "-4"],
    "LOG_LEVEL": ["LOUD", "-1"],
    "TIME_ZONE": ["Mars/Base", "../../etc/passwd", "Europe"],
    "CURRENCY": ["euro", "QQQ", "€"],
    "SITE_NAME": ["Two\nfold", "☂", "x" * 61, "a\u202eb", "   ", "Two\tfold", "=?utf-8?q?Bank?="],
    "DEFAULT_FROM_EMAIL": [
        "Smith & Jones, Inc. <bank@example.com>", "bank@example.com, other@example.com", "bank", "Bank <>",
        "bank@example.com\nBcc: thief@example.com", '"Bank <bank@example.com>', "x" * 400 + " <bank@example.com>",
    ],
    "SUPPORT_EMAIL": ["nobody", "a@b@c.example", "a@b.example\nX: y"],
    "EMAIL_URL": ["localhost:25", "pigeon://loft", "smtp://user:hunter2@mail:x", "smtp://"],
    "SITE_URL": [
        "wallet.example.com", "http://wallet.example.com", "https://wallet.example.com/app", "https://", "https://a b",
        "https://wallet.example.com?x", "https://wallet.example.com#x", "https://u:hunter2@wallet.example.com",
        "https://wallet.example.com:0", "https://wallet.example.com:99999", "https://wallet.example.com.",
        "https://wallet.example.com\nX: y", "ftp://wallet.example.com", "https://wället.example.com",
    ],
    "ALLOWED_HOSTS": ["https://wallet.example.com", "wallet.example.com:443", "wallet.example.com/", "a b", "*.example.com"],
    "CSRF_TRUSTED_ORIGINS": ["wallet.example.com", "https://*.example.com", "http://wallet.example.com", "null"],
}  # fmt: skip
CASES = [(name, value) for name, values in CANNOT_BE_MEANT.items() for value in values]

# All in one process: a start for each of them would take minutes.
TRY_ALL = """
import importlib, json, os, sys
from django.core.exceptions import ImproperlyConfigured
sane = dict(os.environ)
for number, (name, value) in enumerate(json.load(sys.stdin)):
    os.environ.clear()
    os.environ.update(sane | {name: value})
    sys.modules.pop("wallet_site.settings", None)
    try:
        importlib.import_module("wallet_site.settings")
        print(number, "started")
    except ImproperlyConfigured as refusal:
        print(number, repr(str(refusal)))
"""


@pytest.fixture(scope="module")
def answers() -> dict[int, str]:
    done = subprocess.run(
        [sys.executable, "-c", TRY_ALL], cwd=BASE_DIR, input=json.dumps(CASES), text=True, capture_output=True,
        check=False, env={"PATH": os.environ["PATH"], **ENVIRONMENT},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return {int(number): said for number, _, said in (line.partition(" ") for line in done.stdout.splitlines())}


@pytest.mark.parametrize("number", range(len(CASES)), ids=lambda number: f"{CASES[number][0]}={CASES[number][1]!a:.40}")
def test_it_is_refused_by_its_name_and_no_password_is_repeated(answers: dict[int, str], number: int) -> None:
    assert answers[number].strip("'\"").startswith(f"{CASES[number][0]} ")
    assert "hunter2" not in answers[number]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("TRUSTED_PROXIES", "-1"),
        ("WEB_THREADS", "0"),
        ("SITE_URL", "http://wallet.example.com"),
        ("BCRYPT_ROUNDS", "9"),
    ],
)
def test_a_command_says_it_in_one_line(tmp_path: Path, name: str, value: str) -> None:
    done = manage({**bare_environment(tmp_path / "data"), **ENVIRONMENT, name: value}, "check")
    assert done.returncode == 2
    assert re.fullmatch(rf"{name} .*\.\n", done.stderr)


def test_the_web_server_says_it_too_when_it_is_started_by_itself(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "gunicorn", "--config", "wallet_site/gunicorn_conf.py", "--check-config"],
        cwd=BASE_DIR, capture_output=True, text=True, check=False,
        env={**bare_environment(tmp_path / "data"), **ENVIRONMENT, "WEB_WORKERS": "-3"},
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (2, "WEB_WORKERS is '-3': it must be a number from 1 to 64.\n")


def settings_of(**environment: str) -> dict[str, object]:
    """What the settings make of an environment."""
    names = ("SITE_URL", "ALLOWED_HOSTS", "CSRF_TRUSTED_ORIGINS", "SECURE_SSL_HOST", "DEFAULT_FROM_EMAIL")
    program = f"from wallet_site import settings as s; print([getattr(s, name) for name in {names!r}])"
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=BASE_DIR, capture_output=True, text=True, check=True,
        env={"PATH": os.environ["PATH"], **ENVIRONMENT, **environment},
    )  # fmt: skip
    return dict(zip(names, ast.literal_eval(done.stdout), strict=True))


def test_the_sites_address_is_one_of_its_hosts_and_may_post_forms() -> None:
    found = settings_of(SITE_URL="https://Pay.example.com:8443/", ALLOWED_HOSTS="other.example.com")
    assert found["SITE_URL"] == "https://pay.example.com:8443"
    assert found["ALLOWED_HOSTS"] == ["other.example.com", "pay.example.com"]
    assert found["CSRF_TRUSTED_ORIGINS"] == ["https://pay.example.com:8443"]
    assert found["SECURE_SSL_HOST"] == "pay.example.com:8443"


def test_demo_mode_knows_its_own_address() -> None:
    demo = {"DEMO": "1", "SITE_URL": "", "ALLOWED_HOSTS": ""}
    assert settings_of(**demo, PORT="8123")["SITE_URL"] == "http://127.0.0.1:8123"
    assert settings_of(**demo)["SITE_URL"] == "http://127.0.0.1:8000"


def test_a_name_with_signs_in_it_is_quoted() -> None:
    assert settings_of(SITE_NAME="Smith & Jones, Inc.")["DEFAULT_FROM_EMAIL"] == (
        '"Smith & Jones, Inc." <no-reply@localhost>'
    )
