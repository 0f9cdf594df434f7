"""The bank's word for a statement: a signature under its bytes, by which anybody can check them without us.

A signed note like the log's checkpoints (C2SP signed-note, Ed25519), by the same key. Its second line is no number, so
that neither is ever taken for the other.
"""

import hashlib

from django.conf import settings
from django.db import transaction

from ledger.log import note, proofs
from ledger.log.keys import private_key
from ledger.log.signing import origin
from statements import content
from statements.formats.json import FORMAT, render
from statements.models import Seal, Statement

MOST = 5  # in one part: one of many entries takes a second to read


def run() -> int:
    """For settings.WORK: signs what waits for it, and says how many. Nothing without CHECKPOINT_KEY; ValueError where
    that is no key."""
    if not settings.CHECKPOINT_KEY:
        return 0
    key, name = private_key(settings.CHECKPOINT_KEY), origin()
    with transaction.atomic():
        waiting = Seal.objects.filter(note="").select_for_update(skip_locked=True, of=("self",))
        seals = list(waiting.select_related("statement__account")[:MOST])
        for seal in seals:
            seal.note = note.sign(body(name, seal.statement, text_of(seal.statement)), name, key)
        Seal.objects.bulk_update(seals, ["note"])
    return len(seals)


def text_of(statement: Statement) -> str:
    return render(content.read(statement)).decode()


def body(name: str, statement: Statement, text: str) -> str:
    """What is signed, with the line break at its end."""
    return f"{name}\n{FORMAT}\n{statement.id}\n{hashlib.sha256(text.encode()).hexdigest()}\n"


def is_awaited(statement: Statement) -> bool:
    """Whether it is to be signed within seconds: what the bank signs nothing of is not waited for."""
    return Seal.objects.filter(statement=statement, note="").exists() and proofs.latest() is not None
