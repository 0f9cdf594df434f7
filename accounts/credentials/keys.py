"""The keys that are not in the database: they pepper secrets and encrypt authenticator seeds.

`settings.CREDENTIAL_KEYS` is "id:base64url of 32 bytes", comma separated. The first key is the current one, the others
are still accepted, so a key is replaced by putting a new one in front (see SECURITY.md). Each purpose gets a key of
its own through HKDF (RFC 5869), so that nothing computed for one purpose can be passed off as another's.
"""

import base64
import binascii
import functools
import re
from enum import StrEnum

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

KEY_BYTES = 32
KEY_ID = "[A-Za-z0-9_-]{1,16}"


class Purpose(StrEnum):
    PEPPER = "pepper of passwords and PINs"
    SEED = "encryption of authenticator seeds"
    CODE = "digest of recovery and enrolment codes"
    SUBJECT = "pseudonyms in attempt counters"


class UnknownKey(KeyError):
    """A row names a key that is no longer configured."""


@functools.cache
def parse(text: str) -> dict[str, bytes]:
    """Key bytes by key id, the current key first. Raises ImproperlyConfigured, without quoting any key."""
    keys: dict[str, bytes] = {}
    for position, item in enumerate(text.split(","), start=1):
        key_id, separator, encoded = item.strip().partition(":")
        where = f"CREDENTIAL_KEYS, key {position}:"
        if not separator or not re.fullmatch(KEY_ID, key_id):
            raise ImproperlyConfigured(f"{where} write it as id:key, the id of letters, digits, - and _, at most 16.")
        try:
            key = base64.b64decode(encoded + "=" * (-len(encoded) % 4), altchars=b"-_", validate=True)
        except (binascii.Error, ValueError):
            raise ImproperlyConfigured(f"{where} the key is not base64url.") from None
        if len(key) != KEY_BYTES:
            raise ImproperlyConfigured(f"{where} the key has {len(key)} bytes instead of {KEY_BYTES}.")
        if key_id in keys:
            raise ImproperlyConfigured(f"{where} the id {key_id} is there twice.")
        keys[key_id] = key
    return keys


def current_id() -> str:
    """The id of the key that new rows are made with."""
    return next(iter(parse(settings.CREDENTIAL_KEYS)))


def known(key_id: str) -> bool:
    return key_id in parse(settings.CREDENTIAL_KEYS)


def derive(purpose: Purpose, key_id: str) -> bytes:
    """The 32-byte key for one purpose. Raises UnknownKey."""
    keys = parse(settings.CREDENTIAL_KEYS)
    if key_id not in keys:
        raise UnknownKey(key_id)
    return _hkdf(purpose, keys[key_id])


@functools.cache
def _hkdf(purpose: Purpose, key: bytes) -> bytes:
    return HKDF(algorithm=SHA256(), length=KEY_BYTES, salt=None, info=f"wallet/v1/{purpose}".encode()).derive(key)
