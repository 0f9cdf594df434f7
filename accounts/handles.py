"""@handles and names: what they may look like, which look like one another, and which look like the bank."""

import re
import unicodedata

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
# No person's name has one of these words. ("Bank", "Sales" and "Trust" are somebody's.)
BANKS_WORDS = """
    admin administrator billing compliance customer fraud help helpdesk notice notification official payment payments
    postmaster promotions refund security settlement staff support transfer treasury wallet webmaster
"""
NOT_IN_NAMES = frozenset(BANKS_WORDS.split())
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
    """Whether it looks like a word kept for the bank, or begins or ends with the bank's name."""
    shape = skeleton(handle)
    brand = skeleton(re.sub("[^a-z0-9]", "", site_name.lower()))
    if brand and (shape.startswith(brand) or shape.endswith(brand)):
        return True
    return shape in {skeleton(word) for word in RESERVED}


def passes_for_the_bank(name: str, site_name: str) -> bool:
    """Whether a full name reads like the bank's own: its name in it, a word that only a bank has, or just "Bank"."""
    plain = unicodedata.normalize("NFKD", name).casefold()
    words = [skeleton(re.sub("[^a-z0-9]", "", word)) for word in re.split(r"[\s_\-.,:&/|]+", plain)]
    brand = skeleton(re.sub("[^a-z0-9]", "", site_name.lower()))
    if brand and brand in "".join(words):
        return True
    return "".join(words) == "bank" or not {skeleton(word) for word in NOT_IN_NAMES}.isdisjoint(words)


def mixes_scripts(name: str) -> bool:
    """Whether one word has letters of two alphabets that share shapes (UTS #39, 5.1): a Cyrillic о in a Latin word."""
    for word in name.split():
        scripts = {unicodedata.name(letter, "").partition(" ")[0] for letter in word if letter.isalpha()}
        if len(scripts & {"LATIN", "CYRILLIC", "GREEK", "CHEROKEE", "ARMENIAN"}) > 1:
            return True
    return False
