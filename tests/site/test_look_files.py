"""What the strict content security policy and the size budget ask of the files themselves."""

import gzip
import re
from pathlib import Path

import pytest
from django.conf import settings

TEMPLATES = sorted((settings.BASE_DIR / "templates").rglob("*.html"))
STYLESHEETS = sorted((settings.BASE_DIR / "static/css").rglob("*.css"))
SPRITE = settings.BASE_DIR / "static/img/icons.svg"
BUDGET = 20 * 1024  # bytes, compressed

FORBIDDEN = {
    "an inline style": re.compile(r"\sstyle\s*=|<style\b", re.IGNORECASE),
    "an inline script": re.compile(r"<script\b(?![^>]*\ssrc=)", re.IGNORECASE),
    "an event handler": re.compile(r"<[^>]*\son[a-z]+\s*=", re.IGNORECASE),
    "an address of somebody else": re.compile(r"(?:src|href|action)\s*=\s*[\"']?(?:https?:)?//", re.IGNORECASE),
    "a script address": re.compile(r"javascript:", re.IGNORECASE),
}


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda path: str(path.relative_to(settings.BASE_DIR)))
@pytest.mark.parametrize("what", FORBIDDEN)
def test_it_has_nothing_the_policy_would_block(template: Path, what: str) -> None:
    assert FORBIDDEN[what].findall(template.read_text()) == []


@pytest.mark.parametrize(
    ("what", "html"),
    [
        ("an inline style", '<p style="color:red">'),
        ("an inline script", "<script>alert(1)</script>"),
        ("an event handler", '<a href="/" onclick="pay()">'),
        ("an address of somebody else", '<img src="https://example.com/a.png">'),
        ("a script address", '<a href="javascript:pay()">'),
    ],
)
def test_the_search_finds_what_it_looks_for(what: str, html: str) -> None:
    assert FORBIDDEN[what].search(html)


def test_the_stylesheets_stay_within_their_budget() -> None:
    together = b"".join(sheet.read_bytes() for sheet in STYLESHEETS)
    assert 0 < len(gzip.compress(together, 9)) <= BUDGET


def test_every_icon_that_a_template_names_is_in_the_sprite() -> None:
    drawn = set(re.findall(r'<symbol id="([a-z-]+)"', SPRITE.read_text()))
    named = {
        name
        for template in TEMPLATES
        for name in re.findall(r'_icon\.html" with name="([a-z-]+)"', template.read_text())
    }
    assert named
    assert named <= drawn
