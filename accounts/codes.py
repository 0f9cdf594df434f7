"""Recovery codes, and the one-time codes with which staff enrol.

Each carries 80 random bits, so nobody can try them all even at billions a second: a keyed digest is enough, where a
password or a PIN needs bcrypt. The key keeps the digests from being compared with anything without it, the user id in
front keeps one from working for somebody else. (ASVS 5, 6.5.2 asks for hashing; 6.6.2 for single use.)
"""

import hashlib
import hmac
import re
import secrets as random
from collections.abc import Iterable
from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from accounts import keys
from accounts.errors import WrongSecret
from accounts.models import EnrolmentCode, RecoveryCode, User

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"  # Crockford's: no I, L, O, U
LENGTH = 16  # of 5 bits each
GROUP = 4
RECOVERY_CODES = 10
ENROLMENT_HOURS = 24
MISREAD = str.maketrans("OIL", "011", "- ")


def new() -> str:
    """A code as it is shown, for example 7F3K-9Q2M-0XTN-5C8D."""
    text = "".join(random.choice(ALPHABET) for _ in range(LENGTH))
    return "-".join(text[start : start + GROUP] for start in range(0, LENGTH, GROUP))


def normalise(text: str) -> str:
    """As it is digested: upper case, without spaces and hyphens, the letters that look like digits read as digits."""
    return text.upper().translate(MISREAD)


def is_code(text: str) -> bool:
    return re.fullmatch(f"[{ALPHABET}]{{{LENGTH}}}", normalise(text)) is not None


def issue_recovery(user: User) -> list[str]:
    """Ten new codes, to be shown once. They replace all earlier ones."""
    shown = [new() for _ in range(RECOVERY_CODES)]
    key_id = keys.current_id()
    with transaction.atomic():
        User.objects.select_for_update(of=("self",), no_key=True).get(pk=user.pk)  # one set at a time
        user.recovery_codes.all().delete()
        RecoveryCode.objects.bulk_create(
            RecoveryCode(user=user, key_id=key_id, digest=digest(user, code, key_id)) for code in shown
        )
    return shown


def redeem_recovery(user: User, text: str) -> None:
    """Use up a recovery code. Raises WrongSecret, also for one used before.

    The one conditional UPDATE decides between parallel uses of one code.
    """
    unused = RecoveryCode.objects.filter(user=user, used_at=None)
    for key_id in _keys_of(unused.values_list("key_id", flat=True).distinct()):
        if unused.filter(key_id=key_id, digest=digest(user, text, key_id)).update(used_at=timezone.now()):
            return
    raise WrongSecret


def issue_enrolment(user: User) -> str:
    """A one-time code for a member of staff, valid for 24 hours. It replaces an earlier one."""
    code, key_id = new(), keys.current_id()
    EnrolmentCode.objects.update_or_create(
        user=user,
        defaults={
            "key_id": key_id,
            "digest": digest(user, code, key_id),
            "expires_at": timezone.now() + timedelta(hours=ENROLMENT_HOURS),
            "used_at": None,
        },
    )
    return code


def redeem_enrolment(user: User, text: str) -> None:
    """Use up the enrolment code. Raises WrongSecret, also for one used before or expired."""
    open_codes = EnrolmentCode.objects.filter(user=user, used_at=None, expires_at__gt=timezone.now())
    for key_id in _keys_of(open_codes.values_list("key_id", flat=True)):
        if open_codes.filter(key_id=key_id, digest=digest(user, text, key_id)).update(used_at=timezone.now()):
            return
    raise WrongSecret


def digest(user: User, text: str, key_id: str) -> bytes:
    message = user.id.bytes + normalise(text).encode("utf-8", "surrogatepass")
    return hmac.digest(keys.derive(keys.Purpose.CODE, key_id), message, hashlib.sha384)


def _keys_of(key_ids: Iterable[str]) -> list[str]:
    return [key_id for key_id in key_ids if keys.known(key_id)]
