"""The bank's key for checkpoints, as CHECKPOINT_KEY and `--public-key` hold it: base64url of 32 bytes."""

import base64

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat


def private_key(encoded: str) -> Ed25519PrivateKey:
    """From base64url of 32 bytes, as CHECKPOINT_KEY holds it. ValueError otherwise."""
    return Ed25519PrivateKey.from_private_bytes(base64.urlsafe_b64decode(encoded + "=" * (-len(encoded) % 4)))


def public_key(encoded: str) -> Ed25519PublicKey:
    return Ed25519PublicKey.from_public_bytes(base64.urlsafe_b64decode(encoded + "=" * (-len(encoded) % 4)))


def encode_public_key(key: Ed25519PublicKey) -> str:
    return base64.urlsafe_b64encode(key.public_bytes(Encoding.Raw, PublicFormat.Raw)).decode().rstrip("=")
