"""A dump of the running site's database, after everybody has done everything, is worth nothing without the keys."""

import base64
import hashlib
import hmac
from collections.abc import Iterator
from uuid import UUID

import bcrypt
import pytest

from accounts.credentials import hashing
from accounts.credentials.hashing import Kind
from accounts.credentials.keys import Purpose, derive
from tests.security.conftest import Production, Travelled
from tests.security.journey import NEW_PAYMENT_PIN, NEW_VIEW_PIN
from tests.security.thief import encoded, found, rows, unpacked, written

PINS = [("view_pin", Kind.VIEW_PIN, NEW_VIEW_PIN), ("payment_pin", Kind.PAYMENT_PIN, NEW_PAYMENT_PIN)]


@pytest.mark.asvs("6.5.2", "11.4.2", "14.2.4")
def test_it_holds_none_of_the_secrets(travelled: Travelled) -> None:
    dump = unpacked(travelled.dump)
    assert len(travelled.secrets) > 60
    assert all(who.email in dump for who in travelled.people)
    assert found(travelled.secrets, travelled.seeds, dump) == []


@pytest.mark.parametrize("form", ["in clear", "coded", "digested"])
def test_the_search_would_find_them(travelled: Travelled, form: str) -> None:
    """Each secret in turn, planted as one more row."""
    for name, secret in travelled.secrets.items():
        guessable = "password" in name or "PIN" in name
        digests = written(secret, guessable=guessable) - written(secret, guessable=False)
        plants = {"in clear": {secret}, "coded": encoded(secret.encode()), "digested": digests}[form]
        for plant in plants:
            assert found({name: secret}, [], f"7\t{plant}\t2026-11-23 10:00:00+00") == [name], plant
    for seed in travelled.seeds:
        assert all(found({}, [seed], f"7\t{plant}\tx") for plant in encoded(seed))


def test_the_search_reads_what_sessions_hold(travelled: Travelled) -> None:
    sessions = rows(travelled.dump, "accounts_session")
    assert sessions
    assert unpacked(travelled.dump).count("_auth_user_hash") >= 2


@pytest.mark.asvs("13.3.2")
def test_it_holds_no_key(travelled: Travelled, production: Production, keys_in_hand: None) -> None:
    held = [production.key, *(derive(purpose, production.key_id) for purpose in Purpose)]
    assert found({"SECRET_KEY": production.site.env["SECRET_KEY"]}, held, unpacked(travelled.dump)) == []


@pytest.mark.parametrize(("column", "kind", "pin"), PINS)
def test_a_pin_cannot_be_confirmed_from_the_dump_alone(travelled: Travelled, column: str, kind: Kind, pin: str) -> None:
    """The right PIN, tried in every way that the dump allows: with each value of its owner's rows as a key."""
    owner = row_of(travelled, "ada_t")
    hashed = owner[column].partition("$")[2].encode()
    assert hashed.startswith(b"$2b$")
    tries = list(guesses(pin, kind, owner))
    assert len(tries) > 60
    assert [text for text in tries if bcrypt.checkpw(text, hashed)] == []


@pytest.mark.parametrize(("column", "kind", "pin"), PINS)
def test_with_the_key_it_can(travelled: Travelled, keys_in_hand: None, column: str, kind: Kind, pin: str) -> None:
    """So the test above failed for want of the key, and of nothing else."""
    owner = row_of(travelled, "ada_t")
    user_id, key_id = UUID(owner["id"]), owner[column].partition("$")[0]
    assert hashing.matches(kind, user_id, pin, owner[column])
    assert not hashing.matches(kind, user_id, "0000", owner[column])
    key = derive(Purpose.PEPPER, key_id)
    assert bcrypt.checkpw(keyed(key, message(pin, kind, user_id)), owner[column].partition("$")[2].encode())


@pytest.fixture
def keys_in_hand(production: Production, monkeypatch: pytest.MonkeyPatch) -> None:
    from django.conf import settings

    monkeypatch.setattr(settings, "CREDENTIAL_KEYS", production.site.env["CREDENTIAL_KEYS"])


def row_of(travelled: Travelled, handle: str) -> dict[str, str]:
    (owner,) = (row for row in rows(travelled.dump, "accounts_user") if row["handle"] == handle)
    return owner


def message(pin: str, kind: Kind, user_id: UUID) -> bytes:
    return kind.encode() + b"\0" + user_id.bytes + pin.encode()


def keyed(key: bytes, text: bytes) -> bytes:
    return base64.b64encode(hmac.digest(key, text, hashlib.sha384))


def guesses(pin: str, kind: Kind, owner: dict[str, str]) -> Iterator[bytes]:
    """What bcrypt may have been given, were there no key: the PIN alone, with what stands beside it, digested, keyed."""
    user_id = UUID(owner["id"])
    texts = [
        pin.encode(),
        message(pin, kind, user_id),
        f"{kind}{owner['id']}{pin}".encode(),
        f"{pin}{owner['id']}".encode(),
    ]
    texts += [f"{owner['email']}{pin}".encode(), f"{kind}:{pin}".encode(), user_id.bytes + pin.encode()]
    for text in texts:
        yield text[:72]
        for digest in (hashlib.sha256(text), hashlib.sha384(text)):
            yield digest.hexdigest().encode()[:72]
            yield base64.b64encode(digest.digest())
    values = {value.encode() for value in owner.values() if value not in (r"\N", "t", "f", "")}
    for key in sorted(values | {b"", user_id.bytes, owner["view_pin"].partition("$")[0].encode()}):
        yield keyed(key, texts[0])
        yield keyed(key, texts[1])
