from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db.models import CharField, Count, F, Value
from django.db.models.expressions import Func

from accounts.credentials import keys
from accounts.models import Authenticator, RecoveryCode, User

HASHES = {"password": "passwords", "view_pin": "view PINs", "payment_pin": "payment PINs"}


class Command(BaseCommand):
    help = (
        "Counts what hangs on each credential key. Hashes move to the current key when their owner next proves the "
        "secret, recovery codes when they are issued anew; --reseal-seeds moves the authenticators' seeds now."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--reseal-seeds", action="store_true", help="encrypt every seed under the current key")

    def handle(self, *args: Any, reseal_seeds: bool, **options: Any) -> None:
        if reseal_seeds:
            self.stdout.write(f"{reseal()} seeds encrypted anew under {keys.current_id()}.")
        counted = count()
        for (key_id, what), rows in sorted(counted.items()):
            self.stdout.write(f"{key_id:<16} {standing(key_id):<8} {rows:>8} {what}")
        lost = sorted({key_id for key_id, _ in counted if not keys.known(key_id)})
        if lost:
            raise CommandError(f"Rows hang on keys that CREDENTIAL_KEYS does not hold: {', '.join(lost)}.")


def standing(key_id: str) -> str:
    if key_id == keys.current_id():
        return "current"
    return "old" if keys.known(key_id) else "MISSING"


def count() -> dict[tuple[str, str], int]:
    """Rows by key id and what they are."""
    found: dict[tuple[str, str], int] = {}
    for field, what in HASHES.items():
        key = Func(F(field), Value("$"), Value(1), function="split_part", output_field=CharField())
        hashes = User.objects.filter(**{f"{field}__contains": "$2b$"})
        for key_id, rows in hashes.annotate(key=key).values_list("key").annotate(Count("id")):
            found[key_id, what] = rows
    for key_id, rows in Authenticator.objects.values_list("key_id").annotate(Count("id")):
        found[key_id, "authenticator seeds"] = rows
    for key_id, rows in RecoveryCode.objects.filter(used_at=None).values_list("key_id").annotate(Count("id")):
        found[key_id, "recovery codes"] = rows
    return found


def reseal() -> int:
    """Encrypt the seeds under old keys anew. A row that changed in the meantime is left as it is."""
    moved = 0
    for device in Authenticator.objects.exclude(key_id=keys.current_id()).iterator():
        before = device.sealed_seed
        device.seal(device.seed)
        rows = Authenticator.objects.filter(pk=device.pk, sealed_seed=before)
        moved += rows.update(key_id=device.key_id, sealed_seed=device.sealed_seed)
    return moved
