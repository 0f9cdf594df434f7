"""How passwords and PINs are kept: bcrypt over an HMAC under a key that is not in the database.

A leaked table alone gives up a bcrypt-hashed 4-digit PIN in seconds. With the HMAC-SHA384 in front, under a key the
database does not hold, nothing can be tried from the table alone; with kind and user id inside, a hash copied to
another row or column opens nothing. The digest also keeps bcrypt's limits (72 bytes, no NUL) away from what people
type. See docs/adr/0011-peppered-bcrypt.md; ASVS 5, 11.4.2 and 6.2; NIST SP 800-63B, 5.1.1.2.

Stored as "<key id>$<bcrypt>", for example "k1$$2b$12$...".
"""

import base64
import functools
import hashlib
import hmac
import unicodedata
from enum import StrEnum
from typing import Any
from uuid import UUID

import bcrypt
from django.conf import settings
from django.contrib.auth.hashers import BasePasswordHasher
from django.core.exceptions import ImproperlyConfigured

from accounts.credentials import keys

LEAST_ROUNDS = 10
NOBODY = UUID(int=0)


class Kind(StrEnum):
    PASSWORD = "password"
    VIEW_PIN = "view"
    PAYMENT_PIN = "payment"


def make(kind: Kind, user_id: UUID, secret: str) -> str:
    """The hash to store, under the current key and the configured cost."""
    key_id = keys.current_id()
    hashed = bcrypt.hashpw(_digest(key_id, kind, user_id, secret), bcrypt.gensalt(rounds()))
    return f"{key_id}${hashed.decode()}"


def matches(kind: Kind, user_id: UUID, secret: str, encoded: str) -> bool:
    """Whether this secret made that hash for this user. Takes as long when there is no usable hash."""
    key_id, _, hashed = encoded.partition("$")
    if not hashed.startswith("$2b$") or not keys.known(key_id):
        burn()
        return False
    return bcrypt.checkpw(_digest(key_id, kind, user_id, secret), hashed.encode())


def outdated(encoded: str) -> bool:
    """Whether the hash should be made anew: an old key, or a lower cost than configured. Cost never goes down."""
    key_id, _, hashed = encoded.partition("$")
    return hashed.startswith("$2b$") and (key_id != keys.current_id() or int(hashed.split("$")[2]) < rounds())


def burn() -> None:
    """Spend the time of one comparison, so that an unknown user is answered as slowly as a known one."""
    bcrypt.checkpw(_digest(keys.current_id(), Kind.PASSWORD, NOBODY, ""), _decoy(rounds()))


def rounds() -> int:
    """bcrypt's cost. Raises ImproperlyConfigured under 10 (OWASP's least), except in tests."""
    cost: int = settings.BCRYPT_ROUNDS
    if cost < LEAST_ROUNDS and not settings.TESTING:
        raise ImproperlyConfigured(f"BCRYPT_ROUNDS is {cost}: at least {LEAST_ROUNDS}.")
    return cost


def _digest(key_id: str, kind: Kind, user_id: UUID, secret: str) -> bytes:
    # A kind holds no NUL and a user id has 16 bytes, so no two triples share an encoding.
    text = unicodedata.normalize("NFKC", secret).encode("utf-8", "surrogatepass")
    message = kind.encode() + b"\0" + user_id.bytes + text
    return base64.b64encode(hmac.digest(keys.derive(keys.Purpose.PEPPER, key_id), message, hashlib.sha384))


@functools.cache
def _decoy(cost: int) -> bytes:
    return bcrypt.hashpw(b"nobody's", bcrypt.gensalt(cost))


class RefusedHasher(BasePasswordHasher):
    """The only entry of PASSWORD_HASHERS: a library that hashes a password Django's way fails instead of storing it."""

    algorithm = "refused"

    def salt(self) -> str:
        return "refused"

    def encode(self, password: str, salt: str) -> str:
        raise NotImplementedError("Passwords are hashed by accounts.credentials.hashing only.")

    def decode(self, encoded: str) -> dict[str, Any]:
        raise NotImplementedError("Passwords are hashed by accounts.credentials.hashing only.")

    def verify(self, password: str, encoded: str) -> bool:
        return False

    def must_update(self, encoded: str) -> bool:
        return False

    def harden_runtime(self, password: str, encoded: str) -> None:
        """Nothing to harden: nothing is hashed here."""
