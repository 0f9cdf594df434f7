"""Who passes for the bank, and who only might: a name or a @handle is read by its whole words.

Refused is what can be nobody's but the bank's. What might be somebody's, for people are called Staff, Billing and Bank,
is accepted and looked at by staff.
"""

import re
from collections.abc import Iterator
from enum import Enum
from functools import lru_cache

from accounts.people import lookalikes

# Nobody is called these: who writes under one of them alone speaks for the bank.
ROLE_WORDS = """
    abuse account accounts admin administration administrator auditors banking compliance customer customers finance
    fraud help helpdesk helpline hotline info invoice login logout moderator noreply notice notification notifications
    official operator password payment payments postmaster promotions recovery refund refunds safety security services
    settlement statements superuser support system transfer transfers treasury verification verified verify wallets
    webmaster
"""
ROLES = frozenset(ROLE_WORDS.split())
# The bank's words that are people's names too.
SURNAME_WORDS = "bank banker billing legal manager money pay register sales service staff teller trust wallet"
SURNAMES = frozenset(SURNAME_WORDS.split())
# What stands beside the bank's words without naming anybody.
FILLER_WORDS = """
    the our your my of for and to a an team department dept desk centre center office group care line online app mobile
    global uk us eu real true only new bot hq co inc ltd llc live chat direct plus company
"""
FILLERS = frozenset(FILLER_WORDS.split())
# What an operator's name has beside what is its own: "Harbour Bank Ltd." goes by "Harbour".
LEGAL_WORDS = "ag and bank bv co company corp gmbh group inc limited llc ltd nv plc sa the wallet"
LEGAL_FORMS = frozenset(LEGAL_WORDS.split())
# From so many letters no other name has the bank's in it by chance, and one letter off is noticed.
LONG, TELLING = 7, 6
LEAST_PART = 3  # letters of a word found inside another one
BARE_REST = 2  # letters beside a role that name nobody: "supportx"


class Verdict(Enum):
    FINE = "fine"
    MIGHT = "might be the bank's"
    PASSES = "passes for the bank"


def of_name(name: str, site_name: str) -> Verdict:
    """What a full name is taken for."""
    return _worst(_judge_name(words, site_name) for words in _readings(name))


def of_handle(handle: str, site_name: str) -> Verdict:
    """What a @handle is taken for. Stricter than for a name, for there are many other handles to choose."""
    brand = _brand(site_name)
    if len(brand) >= LONG and brand in lookalikes.skeleton(handle):
        return Verdict.PASSES
    return _worst(_judge_handle(words, site_name) for words in _readings(handle))


def _judge_name(words: list[str], site_name: str) -> Verdict:
    brand, core, shapes = _brand(site_name), _core(site_name), _split(words, site_name)
    if _says(shapes, site_name) or (len(brand) >= LONG and any(brand in shape for shape in shapes)):
        return Verdict.PASSES
    own = _without(shapes, core)
    named = [shape for shape in own if not _is(shape, ROLES | SURNAMES | FILLERS) and len(shape) > 1]
    speaks = [shape for shape in own if _is(shape, ROLES)]
    if not named and (speaks or own != shapes or _is_single(own)):
        return Verdict.PASSES
    if own != shapes or any(_might(shape, brand) for shape in shapes) or _is_near(shapes, brand):
        return Verdict.MIGHT
    return Verdict.FINE


def _judge_handle(words: list[str], site_name: str) -> Verdict:
    brand, core, shapes = _brand(site_name), _core(site_name), _split(words, site_name)
    own = _without(shapes, core)
    if _says(shapes, site_name) or any(_is(shape, ROLES) for shape in own):
        return Verdict.PASSES
    is_bare = all(_is(shape, SURNAMES | FILLERS) for shape in own)
    if is_bare and (own != shapes or any(_is(shape, SURNAMES) for shape in own)):
        return Verdict.PASSES
    if own != shapes or any(_might(shape, brand) for shape in shapes) or _is_near(shapes, brand):
        return Verdict.MIGHT
    return Verdict.FINE


def _worst(verdicts: Iterator[Verdict]) -> Verdict:
    return max(verdicts, key=list(Verdict).index)


def _readings(text: str) -> Iterator[list[str]]:
    """The words, as their digits may be read: as letters, as what stands between words, as what stands around them."""
    read = lookalikes.letters(text)
    yield _words(read)
    yield _words(re.sub("[0-9]+", " ", read))
    yield _words(re.sub(r"\b[0-9]+|[0-9]+\b", " ", read.replace("_", " ")))


def _words(read: str) -> list[str]:
    return [word for word in lookalikes.NOT_ALPHANUMERIC.split(read) if word]


def _split(words: list[str], site_name: str) -> list[str]:
    """The words' skeletons; one that is put together of the bank's words counts as these: "supportteam"."""
    parts = [_parts(lookalikes.joined(word), site_name) for word in words]
    return [part for each in parts for part in each]


@lru_cache(maxsize=1024)
def _parts(word: str, site_name: str) -> tuple[str, ...]:
    """The fewest of the bank's words that the word is made of, or the word itself."""
    known = {part for part in _shapes(ROLES | SURNAMES | FILLERS) | {_brand(site_name)} if len(part) >= LEAST_PART}
    found: list[tuple[str, ...] | None] = [(), *[None] * len(word)]
    for end in range(1, len(word) + 1):
        ways = [
            (*begun, word[start:end])
            for start in range(end)
            if (begun := found[start]) is not None and word[start:end] in known
        ]
        found[end] = min(ways, key=len, default=None)
    return found[-1] or (word,)


def _says(shapes: list[str], site_name: str) -> bool:
    """Whether words in a row, however they are cut, are the bank's name, with or without its legal form."""
    names = {name for name in (_brand(site_name), _short_brand(site_name)) if name}
    longest = max(map(len, names), default=0)
    without_and = [shape for shape in shapes if shape != "and"]
    return any(run in names for words in (shapes, without_and) for run in _runs(words, longest))


def _is_near(shapes: list[str], brand: str) -> bool:
    return len(brand) >= TELLING and any(
        lookalikes.differ_by_one(run, brand) or brand in run for run in _runs(shapes, len(brand) + 1)
    )


def _runs(shapes: list[str], longest: int) -> Iterator[str]:
    """Each word, and as many of the next ones as make a run not much longer than `longest` letters."""
    for start, run in enumerate(shapes):
        yield run
        for shape in shapes[start + 1 :]:
            run = lookalikes.joined(run + shape)
            if len(run) > longest:
                break
            yield run


def _without(shapes: list[str], core: str) -> list[str]:
    return [shape for shape in shapes if not core or shape != core]


def _is(shape: str, words: frozenset[str]) -> bool:
    """Whether it is one of the words, one in the plural, or a role with too little around it to name anybody."""
    if shape in _shapes(words):
        return True
    if not words >= ROLES:
        return False
    return shape.removesuffix("s") in _shapes(ROLES) or any(
        len(shape) - len(role) <= BARE_REST for role in _long_roles_in(shape)
    )


def _might(shape: str, brand: str) -> bool:
    return _is(shape, ROLES | SURNAMES) or any(True for _ in _long_roles_in(shape))


def _is_single(own: list[str]) -> bool:
    """One word of the bank's with at most an article: "Bank", "The Wallet"."""
    return len([shape for shape in own if shape not in {"the", "a", "an"}]) == 1 and any(
        _is(shape, SURNAMES) for shape in own
    )


def _long_roles_in(shape: str) -> Iterator[str]:
    """The roles it begins or ends with that are long enough not to be part of another word."""
    for role in _shapes(ROLES):
        if len(role) >= LONG and (shape.startswith(role) or shape.endswith(role)):
            yield role


@lru_cache(maxsize=8)
def _shapes(words: frozenset[str]) -> frozenset[str]:
    return frozenset(lookalikes.skeleton(word) for word in words)


@lru_cache(maxsize=8)
def _brand(site_name: str) -> str:
    """The skeleton of the bank's name. Nothing for a name that any bank might have, and many people do: "Bank"."""
    words = _words(lookalikes.letters(site_name))
    return "" if len(words) == 1 and words[0] in SURNAMES else lookalikes.skeleton(site_name)


@lru_cache(maxsize=8)
def _own_words(site_name: str) -> tuple[str, ...]:
    return tuple(word for word in _words(lookalikes.letters(site_name)) if word not in LEGAL_FORMS)


def _short_brand(site_name: str) -> str:
    """Several words of the bank's own in a row: "Smith & Jones, Inc." goes by "Smith & Jones"."""
    own = _own_words(site_name)
    return lookalikes.joined("".join(own)) if len(own) > 1 else ""


def _core(site_name: str) -> str:
    """The one word that is the bank's own in its name, and may be somebody's surname: "Harbour Bank"."""
    own = _own_words(site_name)
    return lookalikes.joined(own[0]) if len(own) == 1 and len(own[0]) >= LEAST_PART else ""
