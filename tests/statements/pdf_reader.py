"""Reads a tagged PDF as a screen reader does: by its tags, in their order, each with the text that it marks.

The text is what the fonts say their glyphs stand for (ToUnicode), so it shows that the text can be copied, too.
"""

import io
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pikepdf


@dataclass
class Tag:
    name: str
    attributes: dict[str, str] = field(default_factory=dict)
    parts: list["Tag | str"] = field(default_factory=list)

    @property
    def text(self) -> str:
        return "".join(part if isinstance(part, str) else part.text for part in self.parts)

    def all(self, name: str) -> Iterator["Tag"]:
        """The tags of this name below, in reading order."""
        for part in self.parts:
            if isinstance(part, Tag):
                if part.name == name:
                    yield part
                yield from part.all(name)


class Document:
    def __init__(self, content: bytes) -> None:
        self.pdf = pikepdf.open(io.BytesIO(content))
        self.root = self.pdf.Root
        self.marked = {page.objgen: dict(marked_text(page)) for page in self.pdf.pages}
        self.tags = self._tag(self.root.StructTreeRoot.K, None)

    def _tag(self, node: Any, page: Any) -> Tag:
        if isinstance(node, pikepdf.Array):
            return Tag("", parts=[self._part(kid, page) for kid in node])
        page = node.get("/Pg", page)
        kids = node.get("/K", pikepdf.Array())
        listed = list(kids) if isinstance(kids, pikepdf.Array) else [kids]
        tag = Tag(str(node.S)[1:], attributes_of(node))
        tag.parts = [str(node.ActualText)] if "/ActualText" in node else [self._part(kid, page) for kid in listed]
        return tag

    def _part(self, kid: Any, page: Any) -> "Tag | str":
        if isinstance(kid, int):
            return self.marked[page.objgen].get(kid, "")
        if kid.get("/Type") == "/MCR":
            return self.marked[kid.get("/Pg", page).objgen].get(int(kid.MCID), "")
        return "" if kid.get("/Type") == "/OBJR" else self._tag(kid, page)


def attributes_of(node: Any) -> dict[str, str]:
    found = node.get("/A", pikepdf.Array())
    owners = list(found) if isinstance(found, pikepdf.Array) else [found]
    return {str(key)[1:]: str(value) for one in owners for key, value in one.items()}


def marked_text(page: Any) -> Iterator[tuple[int, str]]:
    """By the number of each marked content of the page: its text."""
    fonts = {name: to_unicode(font) for name, font in page.Resources.get("/Font", {}).items()}
    stack: list[int | None] = []
    texts: dict[int, str] = {}
    font: dict[int, str] = {}
    for operands, operator in pikepdf.parse_content_stream(page):
        name = str(operator)
        if name in ("BDC", "BMC"):
            properties = operands[1] if name == "BDC" and isinstance(operands[1], pikepdf.Dictionary) else {}
            stack.append(int(properties["/MCID"]) if "/MCID" in properties else (stack[-1] if stack else None))
        elif name == "EMC":
            stack.pop()
        elif name == "Tf":
            font = fonts[str(operands[0])]
        elif name in ("Tj", "TJ") and stack and stack[-1] is not None:
            pieces = operands[0] if name == "TJ" else operands
            shown = "".join(decoded(bytes(piece), font) for piece in pieces if isinstance(piece, pikepdf.String))
            texts[stack[-1]] = texts.get(stack[-1], "") + shown
    yield from texts.items()


def decoded(codes: bytes, font: dict[int, str]) -> str:
    return "".join(font.get(int.from_bytes(codes[at : at + 2], "big"), "\ufffd") for at in range(0, len(codes), 2))


def to_unicode(font: Any) -> dict[int, str]:
    """Codes of two bytes and their text, of `bfchar` and `bfrange` (ISO 32000-1, 9.10.3)."""
    found: dict[int, str] = {}
    source = font.ToUnicode.read_bytes().decode("ascii")
    for block in re.findall(r"beginbfchar(.*?)endbfchar", source, re.S):
        for code, text in re.findall(r"<([0-9A-Fa-f]+)>\s*<([0-9A-Fa-f]+)>", block):
            found[int(code, 16)] = bytes.fromhex(text).decode("utf-16-be")
    for block in re.findall(r"beginbfrange(.*?)endbfrange", source, re.S):
        for first, last, text in re.findall(r"<(\w+)>\s*<(\w+)>\s*<(\w+)>", block):
            start = bytes.fromhex(text).decode("utf-16-be")
            for at, code in enumerate(range(int(first, 16), int(last, 16) + 1)):
                found[code] = start[:-1] + chr(ord(start[-1]) + at)
    return found
