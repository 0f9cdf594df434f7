"""Makes docs/asvs.md from docs/asvs-requirements.txt and the tests' markers: `python -m tests.asvs [--check]`."""

import ast
import sys
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
REQUIREMENTS = ROOT / "docs" / "asvs-requirements.txt"
PAGE = ROOT / "docs" / "asvs.md"
STATUS = {"test": "met", "met": "met", "none": "not applicable", "open": "**not met**"}


@dataclass(frozen=True)
class Requirement:
    number: str
    level: str
    title: str
    status: str
    why: str

    @property
    def key(self) -> tuple[int, ...]:
        return tuple(map(int, self.number.split(".")))


def requirements() -> list[Requirement]:
    lines = [line for line in REQUIREMENTS.read_text().splitlines() if line and not line.startswith("#")]
    return [Requirement(*(part.strip() for part in line.split("|", 4))) for line in lines]


def marked() -> dict[str, list[str]]:
    """The tests that show each requirement, as file::test."""
    found: dict[str, list[str]] = defaultdict(list)
    for path in sorted((ROOT / "tests").rglob("test_*.py")):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.FunctionDef):
                for number in numbers(node):
                    found[number].append(f"{path.relative_to(ROOT / 'tests')}::{node.name}")
    return found


def numbers(test: ast.FunctionDef) -> list[str]:
    return [
        str(argument.value)
        for decorator in test.decorator_list
        if isinstance(decorator, ast.Call) and ast.unparse(decorator.func) == "pytest.mark.asvs"
        for argument in decorator.args
        if isinstance(argument, ast.Constant)
    ]


def faults(wanted: list[Requirement], shown: dict[str, list[str]]) -> list[str]:
    """What keeps the table from being true."""
    known = {requirement.number: requirement for requirement in wanted}
    wrong = [f"{number}: marked in {shown[number][0]}, but not in the list" for number in shown if number not in known]
    for requirement in wanted:
        if requirement.status not in STATUS:
            wrong.append(f"{requirement.number}: no such status: {requirement.status}")
        if requirement.status == "test" and requirement.level != "3" and requirement.number not in shown:
            wrong.append(f"{requirement.number}: no test is marked with it")
        if requirement.status in ("none", "open") and requirement.number in shown:
            wrong.append(f"{requirement.number}: marked in {shown[requirement.number][0]}, but said not to be met")
        if requirement.status != "test" and not requirement.why:
            wrong.append(f"{requirement.number}: say why")
    return wrong


def render(wanted: list[Requirement], shown: dict[str, list[str]]) -> str:
    counts = {
        name: sum(requirement.status in statuses and requirement.level != "3" for requirement in wanted)
        for name, statuses in {"met": ("test", "met"), "not applicable": ("none",), "not met": ("open",)}.items()
    }
    lines = [
        "# OWASP ASVS 5.0, levels 1 and 2",
        "",
        "Made by `python -m tests.asvs` from `docs/asvs-requirements.txt` and the markers of the tests: do not edit.",
        "",
        "; ".join(f"{name}: {count}" for name, count in counts.items()) + ". Level 3 where a test shows it.",
        "",
        "| | level | asks | | how |",
        "|---|---|---|---|---|",
    ]
    for requirement in sorted(wanted, key=lambda requirement: requirement.key):
        if requirement.level == "3" and requirement.number not in shown:
            continue
        how = "; ".join(filter(None, [requirement.why, *(f"`{test}`" for test in shown.get(requirement.number, []))]))
        row = [requirement.number, requirement.level, requirement.title, STATUS[requirement.status], how]
        lines.append(f"| {' | '.join(row)} |")
    return "\n".join(lines) + "\n"


def main() -> int:
    wanted, shown = requirements(), marked()
    wrong = faults(wanted, shown)
    if not wrong and "--check" in sys.argv and (not PAGE.exists() or PAGE.read_text() != render(wanted, shown)):
        wrong = ["docs/asvs.md is stale: run `python -m tests.asvs`"]
    if wrong:
        print("\n".join(wrong), file=sys.stderr)
        return 1
    if "--check" not in sys.argv:
        PAGE.write_text(render(wanted, shown))
    return 0


if __name__ == "__main__":
    sys.exit(main())
