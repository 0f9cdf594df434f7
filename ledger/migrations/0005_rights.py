"""What whoever does not own the books may do with them, and the record of what happens to an account."""

from datetime import UTC, datetime

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from ledger.sql import read


class Migration(migrations.Migration):
    dependencies = [("ledger", "0004_one_writer"), migrations.swappable_dependency(settings.AUTH_USER_MODEL)]

    operations = [
        migrations.CreateModel(
            name="AccountChange",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("what", models.CharField(max_length=6)),
                ("old", models.CharField(max_length=100, null=True)),
                ("new", models.CharField(max_length=100, null=True)),
                ("why", models.CharField(blank=True, max_length=200)),
                ("role", models.CharField(max_length=63)),
                ("at", models.DateTimeField()),
                (
                    "account",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="changes", to="ledger.account"
                    ),
                ),
                (
                    "by",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "db_table": "ledger_account_change",
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("at__gte", datetime(1900, 1, 1, tzinfo=UTC)), ("at__lt", datetime(9999, 1, 1, tzinfo=UTC))
                        ),
                        name="account_change_time_is_sane",
                    )
                ],
            },
        ),
        migrations.RunSQL(read("0005_rights"), read("0005_rights_reverse")),
    ]
