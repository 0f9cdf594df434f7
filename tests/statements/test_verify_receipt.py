"""verify_receipt.py as a stranger runs it: a copy of the one file, in an environment that has cryptography only."""

import io
import json
import random
import shutil
import subprocess
import venv
from collections.abc import Callable
from datetime import timedelta
from importlib.util import find_spec
from pathlib import Path
from typing import Any
from uuid import uuid4

import pikepdf
import pytest
from django.conf import settings
from django.utils import timezone

import verify_receipt
from ledger.log import note, proofs, signing
from ledger.log.following import Follower
from ledger.log.keys import private_key
from ledger.models import Account
from ledger.posting import post
from statements import content, sealing
from statements.formats import FORMATS
from statements.formats import json as json_format
from statements.making import make_requested
from statements.models import Seal, Statement
from statements.proofs import documents
from tests.ledger.books import BOTH, account, order, user
from tests.threads import run_together

pytestmark = pytest.mark.django_db(transaction=True, databases=BOTH)
COUNT = 1000
NEEDED = ("cryptography", "cffi", "_cffi_backend", "pycparser")


@pytest.fixture(scope="module")
def stranger(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., subprocess.CompletedProcess[str]]:
    """Runs the file there, away from our code."""
    folder = tmp_path_factory.mktemp("stranger")
    venv.create(folder / "venv", symlinks=True)
    packages = next((folder / "venv" / "lib").glob("python*")) / "site-packages"
    for name in NEEDED:
        spec = find_spec(name)
        if spec and spec.origin:
            origin = Path(spec.origin)
            source = origin.parent if origin.name == "__init__.py" else origin
            (packages / source.name).symlink_to(source)
    shutil.copy(settings.BASE_DIR / "verify_receipt.py", folder)
    python = folder / "venv" / "bin" / "python"
    alone = subprocess.run([python, "-I", "-c", "import django"], capture_output=True, check=False)
    assert alone.returncode == 1

    def run(*arguments: object) -> subprocess.CompletedProcess[str]:
        command = [python, "-I", folder / "verify_receipt.py", *map(str, arguments)]
        return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)

    return run


@pytest.fixture(params=[10])
def receipts(settings: Any, request: pytest.FixtureRequest) -> list[str]:
    """So many, out of books with all that a transfer may have."""
    settings.CHECKPOINT_KEY = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="
    ada = user("ada")
    payer, payees = account(10**12), [account(), Account.objects.for_owner(ada)]
    memos = ["", "rent", "Łódź 🏠", 'a "quoted" \\ note', "x" * 200, "0"]
    transfers = post(
        [
            order(
                payer, random.choice(payees), random.randrange(1, 10**6),
                memo=random.choice(memos), initiated_by=random.choice([ada, None]), batch=random.choice([uuid4(), None]),
            )
            for _ in range(request.param)
        ]
    )  # fmt: skip
    follower = Follower()
    while follower.follow():
        pass
    signing.run()
    return [json_format.written(documents.receipt(transfer)) for transfer in transfers]


def verifier() -> str:
    latest = proofs.latest()
    assert latest
    return latest.verifier


def one_bit_changed(text: str) -> bytes:
    """Somewhere where it changes what the file says, or makes it unreadable."""
    while True:
        data = bytearray(text.encode())
        data[random.randrange(len(data))] ^= 1 << random.randrange(8)
        try:
            if json.loads(data.decode()) != json.loads(text):
                return bytes(data)
        except ValueError:
            return bytes(data)


@pytest.mark.parametrize("receipts", [COUNT], indirect=True)
def test_a_stranger_accepts_a_thousand_receipts_and_refuses_each_changed_one(
    receipts: list[str], stranger: Callable[..., subprocess.CompletedProcess[str]], tmp_path: Path
) -> None:
    right, wrong = tmp_path / "right", tmp_path / "wrong"
    for folder in (right, wrong):
        folder.mkdir()
    for n, text in enumerate(receipts):
        (right / f"{n}.json").write_text(text, encoding="utf-8")
        (wrong / f"{n}.json").write_bytes(one_bit_changed(text))
    accepted = stranger(*sorted(right.iterdir()), "--key", verifier())
    assert accepted.returncode == 0, accepted.stdout + accepted.stderr
    assert accepted.stdout.count("RIGHT  ") == COUNT
    refused = stranger(*sorted(wrong.iterdir()), "--key", verifier())
    assert refused.stderr == ""
    assert refused.returncode == 2
    assert refused.stdout.count("WRONG  ") + refused.stdout.count("UNREADABLE  ") == COUNT
    assert "RIGHT" not in refused.stdout


def test_exit_statuses_and_files(
    receipts: list[str], stranger: Callable[..., subprocess.CompletedProcess[str]], tmp_path: Path
) -> None:
    file, key, checkpoint = tmp_path / "proof.json", tmp_path / "key", tmp_path / "checkpoint"
    file.write_text(receipts[0], encoding="utf-8")
    key.write_text(verifier())
    checkpoint.write_text(json.loads(receipts[0])["checkpoint"], encoding="utf-8")
    assert stranger(file, "--key", key, "--checkpoint", checkpoint).returncode == 0
    file.write_text(receipts[0].replace('"currency": "EUR"', '"currency": "USD"'), encoding="utf-8")
    changed = stranger(file, "--key", key)
    assert changed.returncode == 1
    assert "transfer.currency: it is not what was signed" in changed.stdout
    assert stranger(tmp_path / "nothing", "--key", key).returncode == 2
    assert stranger(file, "--key", "a+b").returncode == 2
    file.write_bytes(b"x" * 9_000_000)
    assert "larger than 8 MB" in stranger(file, "--key", key).stdout


def change(document: dict[str, Any], field: str, value: Any) -> dict[str, Any]:
    if field.startswith("transfer."):
        name = field.removeprefix("transfer.")
        return document | {"transfer": document["transfer"] | {name: value}}
    return document | {field: value}


def test_every_field_is_named(receipts: list[str]) -> None:
    document = json.loads(receipts[5])
    somebody = "f81d4fae-7dec-41d0-a765-00a0c91e6bf6"
    path = ["00" * 32, *document["path"][1:]]
    values: dict[str, Any] = {
        "transfer.id": somebody, "transfer.debit_account": 10**6, "transfer.credit_account": 10**6, "transfer.amount": 10**7, "transfer.currency": "USD",
        "transfer.kind": "gift", "transfer.memo": "other", "transfer.initiated_by": somebody, "transfer.reverses": somebody,
        "transfer.batch": somebody, "posted_at": "2026-11-25T12:00:00.000000Z", "salt": "00" * 16, "index": document["index"] - 1, "path": path, "marks": "00" * 28,
    }  # fmt: skip
    assert {name for name, _ in verify_receipt.marked(document)} | {"marks"} == set(values)
    for field, value in values.items():
        with pytest.raises(verify_receipt.Refused) as refused:
            verify_receipt.check(json.dumps(change(document, field, value)), verifier())
        assert refused.value.field == field


SHAPES: list[tuple[str, Any]] = [
    ("transfer", None), ("transfer", []), ("transfer.amount", 0), ("transfer.amount", -1), ("transfer.amount", 12.0),
    ("transfer.amount", True), ("transfer.amount", "12"), ("transfer.amount", 2**63), ("transfer.debit_account", None),
    ("transfer.id", None), ("transfer.id", "F81D4FAE-7DEC-41D0-A765-00A0C91E6BF6"), ("transfer.batch", "00000000-0000-0000-0000-000000000000"),
    ("transfer.memo", 1), ("transfer.memo", "\ud800"), ("posted_at", "2026-13-25T12:00:00.000000Z"), ("posted_at", "2026-11-25 12:00:00"),
    ("salt", "AB" * 16), ("salt", "ab" * 15), ("index", -1), ("index", 1.0), ("path", {}), ("path", ["ab"]), ("path", ["ab" * 32] * 65),
    ("checkpoint", 1), ("checkpoint", "x"), ("marks", ""), ("format", "twofold-receipt-2"), ("format", []), ("other", 1), ("transfer.other", 1),
]  # fmt: skip


def test_what_has_another_shape_is_named(receipts: list[str]) -> None:
    for field, value in SHAPES:
        with pytest.raises(verify_receipt.Refused) as refused:
            verify_receipt.check(json.dumps(change(json.loads(receipts[0]), field, value)), verifier())
        assert refused.value.field == field, (field, value)


def signed_again(document: dict[str, Any], **values: Any) -> str:
    """By somebody who makes the marks fit what was changed."""
    changed = document | values
    return json.dumps(changed | {"marks": verify_receipt.marks(changed)})


def test_a_leaf_that_is_in_no_log_is_refused_whatever_its_marks_say(receipts: list[str]) -> None:
    document, other = json.loads(receipts[0]), json.loads(receipts[1])
    for values in (
        {"transfer": document["transfer"] | {"amount": 1}},
        {"index": other["index"]},
        {"path": other["path"]},
        {"path": []},
    ):
        with pytest.raises(verify_receipt.Refused, match="it is not in the log that the checkpoint signs"):
            verify_receipt.check(signed_again(document, **values), verifier())


def test_a_checkpoint_older_than_the_receipt_is_named(receipts: list[str]) -> None:
    document = json.loads(receipts[0])
    with pytest.raises(verify_receipt.Refused, match="checkpoint: it is older than this receipt"):
        verify_receipt.check(signed_again(document, index=10**6), verifier())
    with pytest.raises(verify_receipt.Unreadable, match="a field is there twice"):
        verify_receipt.check(receipts[0].replace('"salt"', '"index": 1, "salt"'), verifier())


def test_what_is_no_blank_in_json_is_none_around_it(receipts: list[str]) -> None:
    verify_receipt.check(f"\r\n\t {receipts[0]}", verifier())
    for blank in ("\x0b", "\x0c", "\x1c", "\u2028", "\u00a0", "\ufeff"):
        with pytest.raises(verify_receipt.Unreadable):
            verify_receipt.check(receipts[0] + blank, verifier())


def test_another_banks_key_opens_nothing(receipts: list[str]) -> None:
    sumdb = "sum.golang.org+033de0ae+Ac4zctda0e5eza+HJyk9SxEdh+s3Ux18htTTAD8OuAn8"
    with pytest.raises(verify_receipt.Refused, match=r"checkpoint: it is not as sum\.golang\.org signed it"):
        verify_receipt.check(receipts[0], sumdb)


# Statements


@pytest.fixture
def statement(settings: Any) -> Statement:
    """With a note that is JSON's own, signed by the worker."""
    settings.CHECKPOINT_KEY = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="
    hers, his = Account.objects.for_owner(user("ada")), Account.objects.for_owner(user("grace"))
    post([order(Account.objects.system("cash"), hers, 100_00)])
    post([order(hers, his, amount, memo='a "quoted" \\ note, Łódź') for amount in (1, 20, 300)])
    follower = Follower()
    while follower.follow():
        pass
    signing.run()
    made = make_requested(hers, timezone.localdate(), timezone.localdate())
    assert not content.read(made).signature
    assert (sealing.run(), sealing.run()) == (1, 0)
    return made


def signed(statement: Statement) -> str:
    data = content.read(statement)
    assert data.signature
    return json_format.signed(data)


def test_a_stranger_accepts_a_statement_and_refuses_each_changed_one(
    statement: Statement, stranger: Callable[..., subprocess.CompletedProcess[str]], tmp_path: Path
) -> None:
    file = tmp_path / "proof.json"
    file.write_text(signed(statement), encoding="utf-8")
    accepted = stranger(file, "--key", verifier())
    assert (accepted.returncode, accepted.stderr) == (0, "")
    assert "it is as the bank has signed it" in accepted.stdout and "96.79 EUR" in accepted.stdout
    for n in range(COUNT):
        (tmp_path / f"{n}.json").write_bytes(one_bit_changed(signed(statement)))
    refused = stranger(*(tmp_path / f"{n}.json" for n in range(COUNT)), "--key", verifier())
    assert refused.stdout.count("WRONG  ") + refused.stdout.count("UNREADABLE  ") == COUNT
    assert (refused.stderr, "RIGHT" in refused.stdout) == ("", False)


def test_a_pdf_has_its_proof_with_it(statement: Statement) -> None:
    made = FORMATS["pdf"].render(content.read(statement))
    assert made == FORMATS["pdf"].render(content.read(statement))
    with pikepdf.open(io.BytesIO(made)) as pdf:
        proof = pdf.attachments["statement-R1.proof.json"].get_file().read_bytes()
    result = verify_receipt.check(proof.decode(), verifier())
    assert dict(result.facts)["After"] == "96.79 EUR"


def test_of_a_changed_statement_the_entry_is_named(statement: Statement) -> None:
    document = json.loads(signed(statement))
    for old, new, field in (
        ('"minor":-20', '"minor":-21', "entries[2]"),
        ('"side":"credit"', '"side":"debit"', "entries[0]"),
        ('"holder": "', '"holder": "Not ', "statement"),
        ('"minor": 9679', '"minor": 9680', "closing"),
        ('"entries"', '"other"', "statement"),
    ):
        changed = document | {"statement": document["statement"].replace(old, new, 1)}
        assert changed != document
        with pytest.raises(verify_receipt.Refused) as refused:
            verify_receipt.check(json.dumps(changed), verifier())
        assert refused.value.field == field, old


def test_a_signature_under_something_else_is_none(statement: Statement) -> None:
    """Of another statement, of a checkpoint, by another key; and what was signed and is wrong is no better for it."""
    document = json.loads(signed(statement))
    key, latest = private_key("AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="), proofs.latest()
    assert latest
    text = document["statement"].replace('"minor":-20', '"minor":-21', 1)
    name = signing.origin()
    wrong = {
        "signature": [latest.note, "x", note.sign(f"{name}\nother\nx\nx\n", name, key)],
        "statement": [note.sign(sealing.body(name, statement, "{}"), name, key)],
    }
    for field, notes in wrong.items():
        for each in notes:
            with pytest.raises(verify_receipt.Refused) as refused:
                verify_receipt.check(json.dumps(document | {"signature": each}), verifier())
            assert refused.value.field == field
    false = document | {"statement": text, "signature": note.sign(sealing.body(name, statement, text), name, key)}
    with pytest.raises(verify_receipt.Refused, match=r"entries\[2\]: it was signed, and does not hold together"):
        verify_receipt.check(json.dumps(false), verifier())
    with pytest.raises(verify_receipt.Refused, match="in no log"):
        verify_receipt.check(json.dumps(document), verifier(), checkpoint=latest.note)


def test_it_is_not_signed_without_the_key(statement: Statement, settings: Any) -> None:
    settings.CHECKPOINT_KEY = ""
    made = make_requested(statement.account, timezone.localdate() - timedelta(days=1), timezone.localdate())
    assert sealing.run() == 0 and not content.read(made).signature


def test_two_workers_sign_each_once(statement: Statement) -> None:
    for days in range(1, 12):
        make_requested(statement.account, timezone.localdate() - timedelta(days=days), timezone.localdate())
    done = run_together([lambda: sum(iter(sealing.run, 0))] * 2)
    assert sum(done) == Statement.objects.count() - 1
    assert not Seal.objects.filter(note="").exists()
