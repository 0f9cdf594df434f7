"""Recovery codes, and the one-time codes with which staff enrol.

Each carries 80 random bits. It is kept as bcrypt of an HMAC under a key outside the database, with the user's id inside
(ASVS 5, 6.5.2 asks for a password hash below 112 bits). The codes of one set share their salt, so that redeeming one
takes one hash and one conditional UPDATE, however many are left.
"""

import base64
import hashlib
import hmac
import re
import secrets as random
from collections.abc import Callable
from datetime import timedelta

import bcrypt
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from accounts.credentials import hashing, keys
from accounts.errors import WrongSecret
from accounts.models import EnrolmentCode, RecoveryCode, User
from inputs.text import compact

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"  # Crockford's: no I, L, O, U
LENGTH = 16  # of 5 bits each
GROUP = 4
RECOVERY_CODES = 10
SET_LETTERS = 4
ENROLMENT_HOURS = 24
COST = 10
SALT_BYTES = 29  # of a bcrypt hash: "$2b$", cost, salt
MISREAD = str.maketrans("OIL", "011")


def new() -> str:
    """A code as it is shown, for example 7F3K-9Q2M-0XTN-5C8D."""
    text = "".join(random.choice(ALPHABET) for _ in range(LENGTH))
    return "-".join(text[start : start + GROUP] for start in range(0, LENGTH, GROUP))


def normalise(text: str) -> str:
    """As it is digested: upper case, nothing between its groups, the letters that look like digits read as digits."""
    return compact(text).upper().translate(MISREAD)


def is_code(text: str) -> bool:
    return re.fullmatch(f"[{ALPHABET}]{{{LENGTH}}}", normalise(text)) is not None


def issue_recovery(user: User) -> list[str]:
    """Ten new codes, to be shown once. They replace all earlier ones."""
    shown = [new() for _ in range(RECOVERY_CODES)]
    key_id, salt = keys.current_id(), new_salt()
    digests = [digest(user, code, key_id, salt) for code in shown]
    with transaction.atomic():
        User.objects.select_for_update(of=("self",), no_key=True).get(pk=user.pk)  # one set at a time
        user.recovery_codes.all().delete()
        RecoveryCode.objects.bulk_create(RecoveryCode(user=user, key_id=key_id, digest=made) for made in digests)
    return shown


def current_set(user: User) -> str:
    """What the user's set is called beside its codes, for example "K7QM"; empty while there is none.

    Made of its salts, so it tells nothing about the codes, and a new set has another one.
    """
    salts = {(row.key_id, bytes(row.digest)[:SALT_BYTES]) for row in user.recovery_codes.all()}
    if not salts:
        return ""
    named = hashlib.sha256(repr(sorted(salts)).encode()).digest()
    return "".join(ALPHABET[byte % len(ALPHABET)] for byte in named[:SET_LETTERS])


def redeem_recovery(user: User, text: str, *, noted: Callable[[], object] = lambda: None) -> None:
    """Use up a recovery code, and note it in the same transaction. Raises WrongSecret, also for one used before.

    The one conditional UPDATE decides between parallel uses of one code.
    """
    unused = RecoveryCode.objects.filter(user=user, used_at=None)
    salts = _salts(unused)
    if not salts:
        burn()
        _use_nothing(unused)
    for key_id, salt in salts:
        found = unused.filter(key_id=key_id, digest=digest(user, text, key_id, salt))
        with transaction.atomic():
            if found.update(used_at=timezone.now()):
                noted()
                return
    raise WrongSecret


@transaction.atomic
def _use_nothing(rows: QuerySet[RecoveryCode]) -> None:
    """The statements of a wrong code."""
    rows.filter(digest=b"").update(used_at=None)


def issue_enrolment(user: User) -> str:
    """A one-time code for a member of staff, valid for 24 hours. It replaces an earlier one."""
    code, key_id = new(), keys.current_id()
    EnrolmentCode.objects.update_or_create(
        user=user,
        defaults={
            "key_id": key_id,
            "digest": digest(user, code, key_id, new_salt()),
            "expires_at": timezone.now() + timedelta(hours=ENROLMENT_HOURS),
            "used_at": None,
        },
    )
    return code


def redeem_enrolment(user: User, text: str) -> None:
    """Use up the enrolment code. Raises WrongSecret, also for one used before or expired."""
    open_codes = EnrolmentCode.objects.filter(user=user, used_at=None, expires_at__gt=timezone.now())
    for key_id, salt in _salts(open_codes):
        if open_codes.filter(key_id=key_id, digest=digest(user, text, key_id, salt)).update(used_at=timezone.now()):
            return
    raise WrongSecret


def redeem_nobodys() -> None:
    """The work of `redeem_recovery` for a wrong code, where there is nobody to redeem one for."""
    nobodys = RecoveryCode.objects.filter(user=None, used_at=None)
    _salts(nobodys)
    burn()
    _use_nothing(nobodys)


def burn() -> None:
    """Spend the time of one comparison, where there is nothing to compare with."""
    bcrypt.hashpw(b"nobody's", new_salt())


def digest(user: User, text: str, key_id: str, salt: bytes) -> bytes:
    message = user.id.bytes + normalise(text).encode("utf-8", "surrogatepass")
    keyed = hmac.digest(keys.derive(keys.Purpose.CODE, key_id), message, hashlib.sha384)
    return bcrypt.hashpw(base64.b64encode(keyed), salt)


def new_salt() -> bytes:
    """bcrypt's, at a lower cost than a password's: nobody chooses these codes, they are random."""
    return bcrypt.gensalt(min(COST, hashing.rounds()))


def _salts(rows: QuerySet[RecoveryCode] | QuerySet[EnrolmentCode]) -> set[tuple[str, bytes]]:
    """The key ids and salts in use: one of each, but for a set issued at this moment."""
    pairs = {(row.key_id, bytes(row.digest)[:SALT_BYTES]) for row in rows}
    return {(key_id, salt) for key_id, salt in pairs if keys.known(key_id)}
