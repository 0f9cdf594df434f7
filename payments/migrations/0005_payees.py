"""Whom each customer has paid: filled from the payments that are in the books already."""

import datetime
import uuid

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

# The name of then is not known any more: it is the one they have now.
FROM_THE_BOOKS = """
INSERT INTO payments_payee (id, owner_id, person_id, nickname, starred, last_name, last_paid_at)
SELECT gen_random_uuid(), payer.owner_id, payee.owner_id, '', false, person.full_name, max(t.posted_at)
FROM ledger_transfer t JOIN ledger_account payer ON payer.id = t.debit_account_id
JOIN ledger_account payee ON payee.id = t.credit_account_id JOIN accounts_user person ON person.id = payee.owner_id
WHERE t.kind = 'payment' AND payer.owner_id <> payee.owner_id
GROUP BY payer.owner_id, payee.owner_id, person.full_name
"""


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0009_mailed_tokens_by_email"),
        ("ledger", "0007_edges_of_old_rows"),
        ("payments", "0004_edges"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Payee",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("nickname", models.CharField(blank=True, max_length=40)),
                ("starred", models.BooleanField(default=False)),
                (
                    "last_name",
                    models.CharField(
                        help_text="The registered name that was shown at the last payment.", max_length=100
                    ),
                ),
                ("last_paid_at", models.DateTimeField()),
                (
                    "owner",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="payees",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "person",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["owner", "-starred", "-last_paid_at"], name="payee_starred_latest")],
                "constraints": [
                    models.UniqueConstraint(fields=("owner", "person"), name="payee_once_an_owner"),
                    models.CheckConstraint(
                        condition=models.Q(("owner", models.F("person")), _negated=True), name="payee_is_somebody_else"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("last_paid_at__gte", datetime.datetime(1900, 1, 1, 0, 0, tzinfo=datetime.UTC)),
                            ("last_paid_at__lt", datetime.datetime(9999, 1, 1, 0, 0, tzinfo=datetime.UTC)),
                        ),
                        name="payee_times_are_sane",
                    ),
                ],
            },
        ),
        migrations.RunSQL(FROM_THE_BOOKS, migrations.RunSQL.noop),
    ]
