"""Checkpoints of the log as notes that anybody can check: C2SP's signed-note and tlog-checkpoint, with Ed25519.

wallet.example.com/log          the log's origin: its name, everywhere
3042                            how many leaves
2yB…=                           the root, base64

— wallet.example.com/log Xo…=   a line a signature: four bytes that tell the key, then the signature, base64
"""

import hashlib
from base64 import b64encode

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

ED25519 = b"\x01"  # the signature type, in signed-note's list


def body(origin: str, size: int, root: bytes) -> str:
    """What is signed, with the line break at its end."""
    return f"{origin}\n{size}\n{encoded(root)}\n"


def sign(text: str, name: str, key: Ed25519PrivateKey) -> str:
    """The note: the text, an empty line, and the key's line."""
    signature = key_id(name, key.public_key()) + key.sign(text.encode())
    return f"{text}\n— {name} {encoded(signature)}\n"


def key_id(name: str, key: Ed25519PublicKey) -> bytes:
    return hashlib.sha256(name.encode() + b"\n" + ED25519 + raw(key)).digest()[:4]


def verifier(name: str, key: Ed25519PublicKey) -> str:
    """The public key as one word, for whoever checks: `name+hash+base64`, signed-note's vkey."""
    return f"{name}+{key_id(name, key).hex()}+{encoded(ED25519 + raw(key))}"


def raw(key: Ed25519PublicKey) -> bytes:
    return key.public_bytes(Encoding.Raw, PublicFormat.Raw)


def encoded(value: bytes) -> str:
    return b64encode(value).decode()
