"""The rules of the database compared with the manifest: what the migrations make of an empty one.

A rule switched off, weakened or got round may not have been used yet, so no row tells. `manage.py ledger_manifest`
writes the manifest; a test holds it to the migrations.
"""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.db.backends.utils import CursorWrapper

from ledger.verify import catalogue
from ledger.verify.catalogue import Thing, Things
from ledger.verify.definition import settled
from ledger.verify.fault import Fault
from ledger.verify.roles import SITE, Roles

MANIFEST = Path(__file__).parents[1] / "manifest.json"
AS_A_SET = ("rights", "settings", "parents", "children")


def faults(cursor: CursorWrapper, roles: Roles) -> Iterator[Fault]:
    """Whatever differs from the manifest, by name: missing, added or changed."""
    expected = for_these_roles(load(), roles)
    found = catalogue.read(cursor, roles, known=tables(expected))
    for name in sorted(expected.keys() | found.keys()):
        if name not in found:
            yield Fault("a rule or right is missing", name)
        elif name not in expected:
            yield Fault("a rule or right was added", ": ".join([name, *_summary(found[name])]))
        else:
            for difference in _differences(expected[name], found[name]):
                yield Fault("a rule or right was changed", f"{name}: {difference}")


def load() -> Things:
    things: Things = json.loads(MANIFEST.read_text(encoding="utf-8"))
    return things


def written(things: Things) -> str:
    """The text of a manifest: sorted and a line a value, so that a change of a rule is a change of its lines."""
    return json.dumps(things, indent=1, sort_keys=True, ensure_ascii=False) + "\n"


def tables(things: Things) -> list[str]:
    return [name.removeprefix("table ") for name in things if name.startswith("table ")]


def for_these_roles(things: Things, roles: Roles) -> Things:
    """Where the site runs as the owner nobody else may do anything, and what the site may do is nobody's right."""
    if roles.site is not None:
        return things
    return {name: _without_the_site(thing) for name, thing in things.items()}


def _without_the_site(thing: Thing) -> Thing:
    rights = [right for right in thing.get("rights", []) if not right.startswith(f"{SITE}: ")]
    others = {key: value for key, value in thing.items() if key != "rights"}
    return others | {"rights": rights} if rights else others


def _differences(expected: Thing, found: Thing) -> Iterator[str]:
    for key in sorted(expected.keys() | found.keys()):
        old, new = expected.get(key), found.get(key)
        if key in AS_A_SET:
            yield from (f"{key} lack {each!r}" for each in _less(old, new))
            yield from (f"{key} have {each!r} besides" for each in _less(new, old))
        elif key == "body":
            yield from _first_line(old or [], new or [])
        elif key == "definition" and settled(str(old)) == settled(str(new)):
            continue
        elif old != new:
            yield f"{key} is {_quoted(new)}, should be {_quoted(old)}"


def _less(these: list[str] | None, those: list[str] | None) -> list[str]:
    return [each for each in these or [] if each not in (those or [])]


def _first_line(old: list[str], new: list[str]) -> Iterator[str]:
    for number in range(max(len(old), len(new))):
        was, now = (lines[number] if number < len(lines) else None for lines in (old, new))
        if was != now:
            yield f"line {number + 1} of its body is {_quoted(now)}, should be {_quoted(was)}"
            return


def _quoted(value: Any) -> str:
    return "nothing" if value is None else repr(value)


def _summary(thing: Thing) -> Iterator[str]:
    """What an object that should not be there is."""
    for key in ("definition", "kind"):
        if key in thing:
            yield str(thing[key])
