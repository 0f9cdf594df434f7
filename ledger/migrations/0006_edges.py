"""Values at the edge are refused from now on. Rows from before are looked at by the next migration, without a lock."""

from datetime import UTC, datetime
from uuid import UUID

from django.contrib.postgres.operations import AddConstraintNotValid
from django.db import migrations
from django.db.models import CheckConstraint, Q

from ledger.sql import read

NOBODY = UUID(int=0)


def sane(field: str) -> Q:
    return Q(**{f"{field}__gte": datetime(1900, 1, 1, tzinfo=UTC), f"{field}__lt": datetime(9999, 1, 1, tzinfo=UTC)})


def somebody(field: str) -> Q:
    return Q(**{f"{field}__isnull": True}) | ~Q(**{field: NOBODY})


RULES = {
    "account": {
        "account_id_is_positive": Q(id__gte=1),
        "wallet_is_a_liability": Q(owner__isnull=True) | Q(kind="liability"),
        "account_has_an_owner_or_a_name": Q(owner__isnull=True) & ~Q(name="") | Q(owner__isnull=False, name=""),
        "account_owner_is_somebody": somebody("owner"),
        "account_times_are_sane": sane("opened_at") & (Q(last_posted_at__isnull=True) | sane("last_posted_at")),
    },
    "transfer": {
        "transfer_id_is_not_nobody": ~Q(id=NOBODY),
        "initiator_is_somebody": somebody("initiated_by"),
        "reversed_is_something": somebody("reverses"),
        "batch_is_something": somebody("batch"),
        "transfer_kind_is_a_word": Q(kind__regex="^[a-z][a-z0-9_ -]*$"),
        "transfer_time_is_sane": sane("posted_at"),
    },
    "entry": {"entry_time_is_sane": sane("posted_at")},
    "hotaccount": {"hot_account_is_sane": Q(account__gte=1, wasted_attempts__gte=1) & sane("queued_until")},
}


class Migration(migrations.Migration):
    dependencies = [("ledger", "0005_rights")]

    operations = [
        *(
            AddConstraintNotValid(model_name=model, constraint=CheckConstraint(condition=condition, name=name))
            for model, rules in RULES.items()
            for name, condition in rules.items()
        ),
        migrations.RunSQL(read("0006_edges"), read("0006_edges_reverse")),
    ]
