"""The fonts of the PDFs: installed packages of fonts under the Open Font License, never those of the machine.

So a statement is the same bytes wherever it is made. Names and notes are of every script, and a PDF/A must not hold a
letter that its fonts cannot draw: what none of them has is shown as a box, and stands in the attached file as it is.
"""

import sysconfig
from functools import cache
from importlib.util import find_spec
from pathlib import Path

import typst
from fontTools.ttLib import TTFont

PACKAGES = (
    "fontpkg_source_sans_3",  # Latin, Greek and Cyrillic letters: the one that everything else is written in
    "fontpkg_noto_sans_arabic",
    "fontpkg_noto_sans_devanagari",
    "fontpkg_noto_sans_thai",
)
BOX = "\N{WHITE SQUARE}"


@cache
def fonts() -> typst.Fonts:
    return typst.Fonts(False, False, [str(folder) for folder in _folders()])


def drawn(text: str, *, plainly: bool = False) -> str:
    """The text with a box for each letter that the fonts do not have; `plainly`: that the first of them has not."""
    known = _letters(1 if plainly else len(PACKAGES))
    return "".join(letter if ord(letter) in known else BOX for letter in " ".join(text.split()))


@cache
def _letters(packages: int) -> frozenset[int]:
    """The code points of the upright fonts of the first so many packages."""
    found: set[int] = set()
    for folder in _folders()[:packages]:
        for path in folder.glob("*.ttf"):
            if "Italic" not in path.name:
                with TTFont(path, lazy=True) as font:
                    found |= set(font.getBestCmap())
    return frozenset(found)


def _folders() -> list[Path]:
    """Without importing the packages, which hold nothing but their files. Raises LookupError when one is missing."""
    found = []
    for name in PACKAGES:
        spec = find_spec(name)
        if spec is None or not spec.submodule_search_locations:
            raise LookupError(f"{name} is not installed in {sysconfig.get_path('purelib')}")
        found.append(Path(next(iter(spec.submodule_search_locations))) / "files")
    return found
