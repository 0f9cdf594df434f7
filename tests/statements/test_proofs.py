"""A receipt's proof as its two sides get it, the log as everybody gets it, and the page that checks."""

import hashlib
import json
import re
import xml.dom.minidom
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries, Settings

import verify_receipt
from accounts.models import User
from ledger.log import following, proofs, signing
from ledger.log.following import Follower
from ledger.log.models import LogLeaf
from ledger.models import Transfer
from payments.models import Payment
from statements.proofs import documents
from tests import people

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "serializable"])
KEY = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="


@pytest.fixture
def transfer(as_ada: Client, ada: User, grace: User) -> Transfer:
    people.fund(ada, 100_00)
    payment = Payment.objects.draft(payer=ada, payee=grace, amount=12_34, note="Lunch in Łódź")
    as_ada.post(f"/send/{payment.id}/check/", {"pin": people.PAYMENT_PIN})
    return Transfer.objects.get(id=payment.id)


def work(settings: Settings, monkeypatch: pytest.MonkeyPatch | None = None) -> None:
    """What the worker does, with a key."""
    settings.CHECKPOINT_KEY = KEY
    if monkeypatch:
        monkeypatch.setattr(signing, "PAUSE", timedelta(0))
    follower = Follower()
    while follower.follow():
        pass
    signing.run()


@pytest.fixture
def proven(transfer: Transfer, settings: Settings) -> Transfer:
    work(settings)
    return transfer


def verifier() -> str:
    latest = proofs.latest()
    assert latest
    return latest.verifier


def proof(client: Client, transfer: Transfer) -> Any:
    return client.get(f"/activity/{transfer.id}/proof.json")


def test_both_sides_get_the_same_proof_and_it_is_right(as_ada: Client, as_grace: Client, proven: Transfer) -> None:
    hers, his = proof(as_ada, proven), proof(as_grace, proven)
    assert hers.status_code == 200
    assert hers.content == his.content
    assert hers["Content-Disposition"] == f'attachment; filename="proof-{proven.id}.json"'
    facts = dict(verify_receipt.check(hers.content.decode(), verifier()).facts)
    assert facts["Amount"] == "1234 EUR, in minor units"
    assert facts["Note"] == "Lunch in Łódź"
    assert facts["In the log"] == "testserver/log, leaf 1 of 2"


def test_it_holds_no_name_and_no_balance(as_ada: Client, proven: Transfer) -> None:
    text = proof(as_ada, proven).content.decode()
    for said in ("Ada", "Grace", "ada", "8766", "10000", "testserver/activity"):
        assert said not in text


def test_it_stays_the_same_while_the_log_grows(
    as_ada: Client, ada: User, proven: Transfer, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = proof(as_ada, proven).content
    people.fund(ada, 1)
    work(settings, monkeypatch)
    assert proofs.size() == 3
    assert proof(as_ada, proven).content == before


def test_nobody_else_gets_it(charlie: User, proven: Transfer) -> None:
    client = people.sign_in(charlie)
    for name in ("proof.json", "proof.svg"):
        assert client.get(f"/activity/{proven.id}/{name}").status_code == 404


def test_it_says_what_it_waits_for(as_ada: Client, transfer: Transfer, settings: Settings) -> None:
    """First for the log, then for its signature."""
    for sentence in (documents.IN_NO_LOG, documents.NOT_SIGNED):
        waiting = proof(as_ada, transfer)
        assert waiting.status_code == 404
        assert waiting.json() == {"error": sentence}
        for page in (f"/activity/{transfer.id}/", f"/send/{transfer.id}/done/"):
            html = as_ada.get(page).content.decode()
            assert sentence in html
            assert "proof.json" not in html
        assert as_ada.get(f"/activity/{transfer.id}/proof.svg").status_code == 404
        following.append([transfer.id])
    work(settings)
    for page in (f"/activity/{transfer.id}/", f"/send/{transfer.id}/done/"):
        html = as_ada.get(page).content.decode()
        assert f"/activity/{transfer.id}/proof.json" in html
        assert f"/activity/{transfer.id}/proof.svg" in html


def test_a_camera_reads_the_same_proof(as_ada: Client, proven: Transfer) -> None:
    zxingcpp, image = pytest.importorskip("zxingcpp"), pytest.importorskip("PIL.Image")
    answer = as_ada.get(f"/activity/{proven.id}/proof.svg")
    assert answer["Content-Type"] == "image/svg+xml"
    (read,) = zxingcpp.read_barcodes(drawn(answer.content, image))
    assert json.loads(proof(as_ada, proven).content) == verify_receipt.read(read.text)
    verify_receipt.check(read.text, verifier())


def drawn(svg: bytes, image: Any) -> Any:
    """The picture's one path, whose squares begin M<x>,<y>H, as pixels."""
    path = xml.dom.minidom.parseString(svg).getElementsByTagName("path")[0].getAttribute("d")
    corners = [(float(x), float(y)) for x, y in re.findall(r"M([0-9.]+),([0-9.]+)", path)]
    step = min(
        b - a for a, b in zip(sorted({x for x, _ in corners}), sorted({x for x, _ in corners})[1:], strict=False)
    )
    size = round(max(max(corner) for corner in corners) / step) + 5
    found = image.new("L", (size, size), 255)
    for x, y in corners:
        found.putpixel((round(x / step), round(y / step)), 0)
    return found.resize((size * 6, size * 6), 0)


def test_a_proof_of_a_million_payments_fits_one_code() -> None:
    """A path of twenty hashes; a note as long as a payment's may be would be the largest."""
    note = "wallet.example.com/log\n1000000\n" + "A" * 44 + "\n\n— wallet.example.com/log " + "Ab3+/" * 18 + "\n"

    def digest(n: int) -> str:
        return hashlib.sha256(str(n).encode()).hexdigest()

    document = {
        "format": "twofold-receipt-1",
        "transfer": dict.fromkeys(verify_receipt.TRANSFER, "f81d4fae-7dec-41d0-a765-00a0c91e6bf6"),
        "posted_at": "2026-11-25T12:00:00.000001Z",
        "salt": digest(1)[:32],
        "index": 999_999,
        "path": [digest(n) for n in range(20)],
        "checkpoint": note,
        "marks": digest(2)[:56],
    }
    text = documents.qr_text(document)
    assert len(text) <= 1853  # version 25 at the lowest correction
    assert verify_receipt.read(text) == document


# The log for everybody


def test_the_checkpoint_is_a_signed_note_with_its_witnesses(client: Client, proven: Transfer) -> None:
    latest = proofs.latest()
    assert latest
    latest.cosignatures.create(line="— witness.example.com/w1 AAAA")
    answer = client.get("/log/checkpoint")
    assert answer["Content-Type"] == "text/plain; charset=utf-8"
    assert answer["Cache-Control"] == "public, max-age=10"
    assert not answer.cookies
    text = answer.content.decode()
    assert text.startswith("testserver/log\n2\n")
    assert text.endswith("\n— witness.example.com/w1 AAAA\n")
    assert verify_receipt.Key.read(latest.verifier).open(text, "note").size == 2


def test_without_a_checkpoint_it_says_so(client: Client) -> None:
    answer = client.get("/log/checkpoint")
    assert answer.status_code == 404
    assert answer.content == b"Nothing is signed yet.\n"


def test_proofs_are_for_everybody_and_for_ever(
    client: Client, as_ada: Client, ada: User, proven: Transfer, settings: Settings, monkeypatch: pytest.MonkeyPatch,
    django_assert_max_num_queries: DjangoAssertNumQueries,
) -> None:  # fmt: skip
    first = proofs.latest()
    people.fund(ada, 1)
    work(settings, monkeypatch)
    second = proofs.latest()
    assert first and second
    leaf = bytes(LogLeaf.objects.get(transfer=proven).hash)
    with django_assert_max_num_queries(3):
        included = client.get(f"/log/proof/inclusion/3/1/{leaf.hex()}")
    assert included["Cache-Control"] == "public, max-age=31536000, immutable"
    path = [bytes.fromhex(each) for each in included.json()["path"]]
    assert verify_receipt.root_from(leaf, 1, 3, path) == bytes(second.root)
    with django_assert_max_num_queries(3):
        consistent = client.get("/log/proof/consistency/2/3")
    # And with them somebody who holds another checkpoint is sure of both.
    text = proof(as_ada, proven).content.decode()
    verify_receipt.check(text, second.verifier, second.note, consistent.content.decode())
    with pytest.raises(verify_receipt.Refused, match="another size: get /log/proof/consistency/2/3 for it"):
        verify_receipt.check(text, second.verifier, second.note)
    with pytest.raises(verify_receipt.Refused, match="consistency: it does not show"):
        verify_receipt.check(text, second.verifier, second.note, '{"path": []}')


def test_no_proof_is_given_of_what_is_not_signed_or_not_there(
    client: Client, ada: User, proven: Transfer, settings: Settings
) -> None:
    people.fund(ada, 1)
    following.append(list(Transfer.objects.values_list("id", flat=True)))
    assert proofs.size() == 3
    leaf, unsigned = (bytes(LogLeaf.objects.get(index=index).hash).hex() for index in (1, 2))
    assert client.get(f"/log/proof/inclusion/2/1/{leaf}").status_code == 200
    huge = "9" * 400
    for path in (
        f"inclusion/3/1/{leaf}", f"inclusion/3/2/{unsigned}", f"inclusion/2/0/{leaf}", f"inclusion/2/2/{leaf}",
        f"inclusion/2/1/{leaf.upper()}", f"inclusion/2/1/{leaf[:-1]}", f"inclusion/2/1/{proven.id}", f"inclusion/02/1/{leaf}",
        f"inclusion/{huge}/1/{leaf}", f"inclusion/2/{huge}/{leaf}", f"inclusion/2/-1/{leaf}", "inclusion/2/1/ä", f"inclusion/٢/1/{leaf}",
        "consistency/0/2", "consistency/2/1", "consistency/2/3", "consistency/1/9223372036854775808", f"consistency/1/{huge}",
        "consistency/a/b", "consistency/1/+2", "consistency/1/",
    ):  # fmt: skip
        assert client.get(f"/log/proof/{path}").status_code == 404, path


# The page


def check(client: Client, text: str) -> str:
    answer = client.post("/verify/", {"document": text})
    assert answer.status_code == 200
    return answer.content.decode()


def test_whoever_has_the_file_is_told_that_it_is_right(client: Client, as_ada: Client, proven: Transfer) -> None:
    text = proof(as_ada, proven).content.decode()
    for form in (text, documents.qr_text(json.loads(text))):
        html = check(client, form)
        assert "This receipt is right" in html
        assert "1234 EUR, in minor units" in html
        assert "€12.34" in html
        assert "Grace" not in html
    assert verifier() in client.get("/verify/").content.decode()


def test_the_field_that_was_changed_is_named(client: Client, as_ada: Client, proven: Transfer) -> None:
    document = proof(as_ada, proven).json()
    changed = document | {"transfer": document["transfer"] | {"amount": 1235}}
    html = check(client, json.dumps(changed))
    assert "This is not right" in html
    assert re.search(r"transfer\.amount</strong>: it is not what was signed\.", html)
    assert "1234" not in html


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "Paste the text of a proof."),
        ("nothing", "This is not JSON"),
        ("[1]", "This is JSON, and no receipt"),
        ("[" * 100_000, "This is not JSON"),
        ("{}", "this program reads twofold-receipt-1"),
        ('{"format": "twofold-receipt-1"}', "transfer</strong>: it is missing"),
        ("TWOFOLD:ABC", "not the whole text of the QR code"),
        ("x" * 200_001, "This page reads at most 200,000 characters, and this has 200,001."),
    ],
)
def test_what_is_no_receipt_is_said_so(client: Client, proven: Transfer, text: str, said: str) -> None:
    assert said in check(client, text).replace("&#x27;", "'")


def test_before_anything_is_signed_nothing_can_be_checked(client: Client) -> None:
    assert "Nothing is signed here yet, so nothing can be checked." in check(client, "{}")


def test_more_than_256_kilobytes_are_not_read(client: Client) -> None:
    assert client.post("/verify/", {"document": "x" * 300_000}).status_code == 413
