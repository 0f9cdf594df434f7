"""Which scripts a character belongs to, and whether a word keeps to those that are written together (UTS #39, 5).

The data are Unicode's Script_Extensions, by way of the package regex.
"""

from collections.abc import Iterable
from functools import lru_cache

import regex

# In everyday use by some community of today: UAX #31, tables 5 (recommended) and 7 (limited use).
RECOMMENDED = """
    Arab Armn Beng Bopo Cyrl Deva Ethi Geor Grek Gujr Guru Hang Hani Hebr Hira Kana Khmr Knda Laoo Latn Mlym Mymr Orya
    Sinh Taml Telu Thaa Thai Tibt
"""
LIMITED_USE = """
    Adlm Bali Bamu Batk Cakm Cans Cham Cher Hmnp Java Kali Lana Lepc Limb Lisu Mand Mtei Newa Nkoo Olck Osge Plrd Rohg
    Saur Sund Sylo Syrc Tale Talu Tavt Tfng Vaii Wcho Yiii
"""
LIVING = tuple((RECOMMENDED + LIMITED_USE).split())
# Writing systems of more than one script (UTS #39, 5.1).
SYSTEMS = {
    "Hani": {"Hanb", "Jpan", "Kore"},
    "Hira": {"Jpan"},
    "Kana": {"Jpan"},
    "Hang": {"Kore"},
    "Bopo": {"Hanb"},
}
WITH_LATIN = {"Hanb", "Jpan", "Kore"}
PATTERNS = {script: regex.compile(rf"\p{{scx={script}}}") for script in LIVING}


@lru_cache(maxsize=4096)
def of(character: str) -> frozenset[str]:
    """The scripts in use today that the character is written in, and their systems. Empty for a dead one."""
    found = {script for script, pattern in PATTERNS.items() if pattern.match(character)}
    return frozenset(found.union(*(SYSTEMS.get(script, ()) for script in found)))


def are_written_together(characters: Iterable[str]) -> bool:
    """Whether letters and marks are of one script, or Latin and one of Chinese, Japanese and Korean.

    The level "highly restrictive" of UTS #39, 5.2, without the check for spaces and signs, which may stand anywhere.
    """
    each = [of(character) for character in characters]
    if not each or frozenset.intersection(*each):
        return True
    others = [scripts for scripts in each if "Latn" not in scripts]
    return bool(frozenset.intersection(*others) & WITH_LATIN)
