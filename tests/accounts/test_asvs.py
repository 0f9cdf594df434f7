"""The ASVS table is whole, true to the markers, and not stale."""

from tests import asvs


def test_every_requirement_of_levels_1_and_2_is_there_once() -> None:
    numbers = [requirement.number for requirement in asvs.requirements()]
    assert len(numbers) == len(set(numbers))
    levels = [requirement.level for requirement in asvs.requirements()]
    assert (levels.count("1"), levels.count("2")) == (70, 183)


def test_each_is_what_it_says_and_the_page_is_fresh() -> None:
    wanted, shown = asvs.requirements(), asvs.marked()
    assert asvs.faults(wanted, shown) == []
    is_fresh = asvs.PAGE.read_text() == asvs.render(wanted, shown)
    assert is_fresh, "docs/asvs.md is stale: run `python -m tests.asvs`"
