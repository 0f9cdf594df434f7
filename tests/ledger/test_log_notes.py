"""Signed notes and checkpoints as others make them: real ones, signed by keys that are not ours."""

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from ledger.log import note
from verify_receipt import Key, Refused, Unreadable

# The example of Go's package golang.org/x/mod/sumdb/note, from which C2SP's signed-note comes.
PETER = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
PETERS_TEXT = "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n"
PETERS_LINE = (
    "— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM="
)
# Go's checksum database: the head of its tree that tlog-checkpoint shows under a made-up name.
SUMDB = "sum.golang.org+033de0ae+Ac4zctda0e5eza+HJyk9SxEdh+s3Ux18htTTAD8OuAn8"
SUMDB_TEXT = "go.sum database tree\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n"
SUMDB_LINE = (
    "— sum.golang.org Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/Zhcyv2q1gGzGku9nTo+zyWE+xeMcTOAYQ8="
)
SEED = bytes(range(32))
NAME = "wallet.example.com/log"


@pytest.mark.parametrize(("key", "text", "line"), [(PETER, PETERS_TEXT, PETERS_LINE), (SUMDB, SUMDB_TEXT, SUMDB_LINE)])
def test_what_others_signed_is_read(key: str, text: str, line: str) -> None:
    read = Key.read(key)
    assert read.has_signed(text, line)
    assert not read.has_signed(text.replace("o", "0", 1), line)
    assert not read.has_signed(text, line.replace("/", "+", 1))
    assert note.verifier(read.name, read.public) == key
    assert note.key_id(read.name, read.public) == read.id


def test_a_signature_of_a_checkpoint_is_bound_to_its_origin() -> None:
    """Under another name than its key's, a good signature says nothing: who signs a log is its origin."""
    with pytest.raises(Refused, match=r"no checkpoint of sum\.golang\.org"):
        Key.read(SUMDB).open(f"{SUMDB_TEXT}\n{SUMDB_LINE}\n", "checkpoint")


def test_ours_is_of_the_same_form() -> None:
    key = Ed25519PrivateKey.from_private_bytes(SEED)
    text = note.sign(note.body(NAME, 7, bytes(32)), NAME, key)
    verifier = Key.read(note.verifier(NAME, key.public_key()))
    assert text.startswith(f"{NAME}\n7\nAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n\n— {NAME} ")
    assert verifier.open(text, "checkpoint") == (NAME, 7, bytes(32))
    # Room for witnesses: their lines are theirs, before ours or after.
    head, ours = text.rsplit("\n\n")
    assert verifier.open(f"{head}\n\n{PETERS_LINE}\n{ours}{SUMDB_LINE}\n", "checkpoint").size == 7


@pytest.mark.parametrize(
    "wrong",
    [
        lambda text: text.replace("7", "8", 1),
        lambda text: text.replace("7", "07", 1),
        lambda text: text.replace("\n\n", "\n"),
        lambda text: text.rstrip("\n"),
        lambda text: text.replace("— ", "- "),
        lambda text: text.replace("— wallet", "— other"),
        lambda text: text[: text.rindex("—")],
        lambda text: "",
    ],
)
def test_what_is_not_as_it_was_signed_is_refused(wrong: object) -> None:
    key = Ed25519PrivateKey.from_private_bytes(SEED)
    text = note.sign(note.body(NAME, 7, bytes(32)), NAME, key)
    with pytest.raises(Refused):
        Key.read(note.verifier(NAME, key.public_key())).open(wrong(text), "checkpoint")  # type: ignore[operator]


@pytest.mark.parametrize(
    "key", ["", "a+b", PETER.replace("c7", "c8"), PETER[:-4], PETER.replace("+AR", "+AT"), "a+b+c"]
)
def test_a_key_that_is_none_is_said_so(key: str) -> None:
    with pytest.raises(Unreadable):
        Key.read(key)
