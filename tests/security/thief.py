"""How a secret would look if it had been left lying about, and the search for it."""

import base64
import hashlib
import json
import re
import zlib
from collections.abc import Iterable, Mapping

UUID = re.compile(r"\b[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b")
UNSALTED = ("md5", "sha1", "sha256", "sha384", "sha512")


def written(secret: str, *, guessable: bool) -> set[str]:
    """In clear, without its hyphens, and as encoded by whoever thought that this hides it.

    Also as a plain digest, where somebody could try all secrets of its kind: a password or PIN, not a random token.
    """
    raw = secret.encode()
    forms = {secret, secret.replace("-", ""), secret.lower(), secret.replace(" ", "+"), secret.replace(" ", "%20")}
    forms |= encoded(raw)
    if guessable:
        forms |= {hashlib.new(name, raw).hexdigest() for name in UNSALTED}
    return forms


def encoded(raw: bytes) -> set[str]:
    """Base64, base64url, base32 and hex, with and without padding."""
    forms = {base64.b64encode(raw).decode(), base64.urlsafe_b64encode(raw).decode(), base64.b32encode(raw).decode()}
    return {form.rstrip("=") for form in forms} | {raw.hex(), raw.hex().upper()}


def found(secrets: Mapping[str, str], seeds: Iterable[bytes], text: str) -> list[str]:
    """The names of those that the text holds.

    What is only digits counts where it stands alone: not as a part of a longer number, a fraction or a UUID.
    """
    plain = UUID.sub("", text)
    names = []
    for name, secret in secrets.items():
        guessable = any(word in name for word in ("password", "PIN"))
        if any(stands_in(form, plain if form.isdigit() else text) for form in written(secret, guessable=guessable)):
            names.append(name)
    return names + [
        f"seed {number}" for number, seed in enumerate(seeds) if any(form in text for form in encoded(seed))
    ]


def stands_in(form: str, text: str) -> bool:
    if len(form) > 8:
        return form in text
    return re.search(rf"(?<![\w.]){re.escape(form)}(?!\w)", text) is not None


def unpacked(dump: str) -> str:
    """The dump, with what its sessions hold in clear beside it: session data are signed and packed, not encrypted."""
    return "\n".join([dump, *(session_data(row["session_data"]) for row in rows(dump, "accounts_session"))])


def session_data(signed: str) -> str:
    packed = signed.startswith(".")
    body = signed.lstrip(".").partition(":")[0]
    raw = base64.urlsafe_b64decode(body + "=" * (-len(body) % 4))
    return json.dumps(json.loads(zlib.decompress(raw) if packed else raw))


def rows(dump: str, table: str) -> list[dict[str, str]]:
    """A table's rows from the dump's COPY block, as text."""
    block = re.search(rf"^COPY public\.{table} \(([^)]*)\) FROM stdin;\n(.*?)^\\\.$", dump, re.M | re.S)
    assert block, table
    columns = [name.strip(' "') for name in block[1].split(",")]
    return [dict(zip(columns, line.split("\t"), strict=True)) for line in block[2].splitlines()]
