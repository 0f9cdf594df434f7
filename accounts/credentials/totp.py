"""Time-based codes (RFC 6238) and the sealing of their seeds. Pure functions; the rows are in accounts.models."""

import base64
import functools
import hmac
import os
import re
import time
from urllib.parse import quote, urlencode

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings
from django_otp.oath import TOTP

from accounts.credentials import keys

SEED_BYTES = 20  # RFC 4226, section 4 R6, recommends 160 bits
STEP_SECONDS = 30
DIGITS = 6
# One step either way for slow clocks and slow fingers (RFC 6238, 5.2); never remembered as drift.
TOLERANCE = 1
NONCE_BYTES = 12


def new_seed() -> bytes:
    return os.urandom(SEED_BYTES)


def seal(seed: bytes, context: bytes) -> tuple[str, bytes]:
    """The current key's id, and nonce ‖ AES-256-GCM of the seed. The context must be given again to unseal."""
    key_id, nonce = keys.current_id(), os.urandom(NONCE_BYTES)
    return key_id, nonce + AESGCM(keys.derive(keys.Purpose.SEED, key_id)).encrypt(nonce, seed, context)


def unseal(key_id: str, sealed: bytes, context: bytes) -> bytes:
    """The seed. Raises UnknownKey, or InvalidTag when row and context do not belong together."""
    nonce, body = sealed[:NONCE_BYTES], sealed[NONCE_BYTES:]
    return AESGCM(keys.derive(keys.Purpose.SEED, key_id)).decrypt(nonce, body, context)


def is_code(text: str) -> bool:
    """Six ASCII digits: checked before any arithmetic, which would accept "+12345" and "١٢٣٤٥٦"."""
    return re.fullmatch("[0-9]{6}", text) is not None


def step_at(at: float | None = None) -> int:
    """The 30-second step of a moment (Unix seconds, default now)."""
    return int(time.time() if at is None else at) // STEP_SECONDS


def code_for_step(seed: bytes, step: int) -> str:
    clock = TOTP(seed, step=STEP_SECONDS, digits=DIGITS)
    clock.time = step * STEP_SECONDS
    return f"{clock.token():0{DIGITS}d}"


def matching_step(seed: bytes, code: str, at: float | None = None) -> int | None:
    """The latest step within tolerance that shows this code."""
    if not is_code(code):
        return None
    now = step_at(at)
    steps = range(now - TOLERANCE, now + TOLERANCE + 1)
    matching = [step for step in steps if hmac.compare_digest(code_for_step(seed, step), code)]
    return max(matching, default=None)


def burn(code: str) -> None:
    """The work of opening a seed and comparing a code with it, where there is no authenticator to ask."""
    matching_step(unseal(*_decoy(keys.current_id()), b"nobody's"), code)


@functools.cache
def _decoy(key_id: str) -> tuple[str, bytes]:
    return seal(os.urandom(SEED_BYTES), b"nobody's")


def key_text(seed: bytes) -> str:
    """The seed as people type it: base32 in groups of four."""
    text = base64.b32encode(seed).decode()
    return " ".join(text[start : start + 4] for start in range(0, len(text), 4))


def uri(seed: bytes, email: str) -> str:
    """What the QR code says, in the authenticator apps' key URI format."""
    issuer = " ".join(settings.SITE_NAME.replace(":", " ").split())  # a colon ends it, also an encoded one
    label = f"{quote(issuer, safe='')}:{quote(email, safe='')}"
    parameters = {
        "secret": base64.b32encode(seed).decode(),
        "issuer": issuer,
        "algorithm": "SHA1",
        "digits": DIGITS,
        "period": STEP_SECONDS,
    }
    return f"otpauth://totp/{label}?{urlencode(parameters, quote_via=quote)}"
