"""@handles: what they may look like, which look like one another, and which look like the bank's."""

import re

from accounts.people import bank_names
from inputs import text as typed

PATTERN = "[a-z][a-z0-9_]{2,19}"
# Nobody may pass for the bank, for its staff or for a page.
WORDS = """
    abuse account accounts admin administrator ads api auditor auditors bank banking billing ceo cfo compliance contact
    customer customers demo finance fraud help helpdesk info invoice join legal login logout mail manager moderator
    money nobody noreply notice notifications official operator owner pay payee payment payments postmaster promotions
    receive recover recovery refund register root safety sales security send service settings setup staff statements
    status superuser support system team teller test transfer treasury trust user users verify wallet wallets webmaster
    www
"""
RESERVED = frozenset(WORDS.split())
CONFUSABLE = str.maketrans({"0": "o", "1": "l", "i": "l", "5": "s", "_": None})


def normalise(text: str) -> str:
    """As it is stored: without the @ and what a copy brings along, lower case."""
    return typed.handle(text)


def skeleton(handle: str) -> str:
    """What the eye takes the handle for: two handles with one skeleton cannot both exist (compare UTS #39)."""
    return handle.translate(CONFUSABLE).replace("rn", "m").replace("vv", "w")


def is_well_formed(handle: str) -> bool:
    """3 to 20 of a-z, 0-9 and _, a letter first."""
    return re.fullmatch(PATTERN, handle) is not None


def is_reserved(handle: str, site_name: str) -> bool:
    """Whether it is, or looks like, a word kept for the bank, or speaks for the bank by a word of its own."""
    if skeleton(handle) in {skeleton(word) for word in RESERVED}:
        return True
    return bank_names.of_handle(handle, site_name) is bank_names.Verdict.PASSES
