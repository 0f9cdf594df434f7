"""Signs what the log says: at most once a minute by the worker, and whenever `manage.py checkpoint` is run."""

from datetime import timedelta

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.conf import settings
from django.db import IntegrityError, connections
from django.utils import timezone

from ledger.log import note, proofs
from ledger.log.keys import private_key
from ledger.log.models import LogCheckpoint

PAUSE = timedelta(minutes=1)
WRITE = "INSERT INTO ledger_log_checkpoint (size, root, note, verifier) VALUES (%s, %s, %s, %s)"


def origin() -> str:
    """The log's name: where the site is, without a scheme, as tlog-checkpoint asks for."""
    return f"{settings.SITE_URL.partition('://')[2]}/log"


def sign(key: Ed25519PrivateKey) -> LogCheckpoint | None:
    """The log as it is now; the last checkpoint where nothing is new, None where nothing is there.

    By hand, because the ORM names every column, and the site's role may name these and no other.
    """
    last, size = proofs.latest(), proofs.size()
    if size == 0 or (last and last.size >= size):
        return last
    root, name = proofs.root(size), origin()
    text = note.sign(note.body(name, size, root), name, key)
    try:
        with connections["default"].cursor() as cursor:
            cursor.execute(WRITE, [size, root, text, note.verifier(name, key.public_key())])
    except IntegrityError:
        pass  # another worker signed this, or more, at the same moment
    return proofs.latest()


def run() -> int:
    """For settings.WORK. Nothing without CHECKPOINT_KEY; ValueError where that is no key."""
    if not settings.CHECKPOINT_KEY:
        return 0
    last = proofs.latest()
    if last and (last.size >= proofs.size() or timezone.now() < last.signed_at + PAUSE):
        return 0
    signed = sign(private_key(settings.CHECKPOINT_KEY))
    return int(signed is not None and signed != last)
