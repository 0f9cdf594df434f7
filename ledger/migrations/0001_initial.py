import django.db.models.deletion
import django.db.models.functions.datetime
from django.conf import settings
from django.db import migrations, models

from ledger.sql import read


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.RunSQL(
            read("0001_fingerprint"),
            "DROP FUNCTION ledger_fingerprint(uuid, bigint, bigint, bigint, text, text, text, uuid, uuid, uuid)",
        ),
        migrations.CreateModel(
            name="Account",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("number", models.CharField(max_length=12, unique=True)),
                ("name", models.CharField(blank=True, max_length=100)),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("asset", "Asset"),
                            ("liability", "Liability"),
                            ("equity", "Equity"),
                            ("income", "Income"),
                            ("expense", "Expense"),
                        ],
                        max_length=9,
                    ),
                ),
                ("currency", models.CharField(max_length=3)),
                (
                    "balance",
                    models.BigIntegerField(db_default=0, help_text="Minor units, on the account's normal side."),
                ),
                ("last_seq", models.BigIntegerField(db_default=0)),
                ("last_posted_at", models.DateTimeField(null=True)),
                ("head", models.BinaryField(db_default=bytes(32), help_text="The digest of the account's last entry.")),
                (
                    "floor",
                    models.BigIntegerField(
                        help_text="The lowest balance allowed, in minor units; none when empty.", null=True
                    ),
                ),
                (
                    "status",
                    models.CharField(
                        choices=[("open", "Open"), ("frozen", "Frozen"), ("closed", "Closed")],
                        db_default="open",
                        max_length=6,
                    ),
                ),
                ("opened_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                (
                    "owner",
                    models.ForeignKey(
                        blank=True,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="wallets",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="HotAccount",
            fields=[
                (
                    "account",
                    models.OneToOneField(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        primary_key=True,
                        related_name="+",
                        serialize=False,
                        to="ledger.account",
                    ),
                ),
                ("wasted_attempts", models.BigIntegerField()),
                ("queued_until", models.DateTimeField()),
            ],
            options={
                "db_table": "ledger_hot_account",
                "verbose_name": "hot account",
            },
        ),
        migrations.CreateModel(
            name="Transfer",
            fields=[
                ("id", models.UUIDField(primary_key=True, serialize=False)),
                ("amount", models.BigIntegerField(help_text="Minor units.")),
                ("currency", models.CharField(max_length=3)),
                ("kind", models.CharField(max_length=32)),
                ("memo", models.CharField(blank=True, max_length=200)),
                ("batch", models.UUIDField(null=True)),
                (
                    "fingerprint",
                    models.GeneratedField(
                        db_persist=True,
                        expression=models.Func(
                            models.F("id"),
                            models.F("debit_account"),
                            models.F("credit_account"),
                            models.F("amount"),
                            models.F("currency"),
                            models.F("kind"),
                            models.F("memo"),
                            models.F("initiated_by"),
                            models.F("reverses"),
                            models.F("batch"),
                            function="ledger_fingerprint",
                        ),
                        output_field=models.BinaryField(),
                    ),
                ),
                ("attempts", models.PositiveSmallIntegerField(db_default=1)),
                (
                    "waited_ms",
                    models.PositiveIntegerField(db_default=0, help_text="Milliseconds slept between attempts."),
                ),
                (
                    "posted_at",
                    models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), db_index=True),
                ),
                (
                    "credit_account",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="credits",
                        to="ledger.account",
                    ),
                ),
                (
                    "debit_account",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="debits",
                        to="ledger.account",
                    ),
                ),
                (
                    "initiated_by",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "reverses",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="reversals",
                        to="ledger.transfer",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Entry",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("seq", models.BigIntegerField()),
                ("side", models.CharField(choices=[("debit", "Debit"), ("credit", "Credit")], max_length=6)),
                ("amount", models.BigIntegerField(help_text="Minor units.")),
                ("balance_after", models.BigIntegerField(help_text="Minor units, on the account's normal side.")),
                ("posted_at", models.DateTimeField()),
                ("digest", models.BinaryField()),
                (
                    "account",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="entries",
                        to="ledger.account",
                    ),
                ),
                (
                    "transfer",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="entries",
                        to="ledger.transfer",
                    ),
                ),
            ],
            options={
                "verbose_name_plural": "entries",
            },
        ),
        migrations.AddConstraint(
            model_name="account",
            constraint=models.UniqueConstraint(
                condition=models.Q(("owner__isnull", False)), fields=("owner", "currency"), name="one_wallet_a_currency"
            ),
        ),
        migrations.AddConstraint(
            model_name="account",
            constraint=models.UniqueConstraint(
                condition=models.Q(("owner__isnull", True)),
                fields=("name", "currency"),
                name="one_system_account_a_name",
            ),
        ),
        migrations.AddConstraint(
            model_name="account",
            constraint=models.CheckConstraint(
                condition=models.Q(("kind__in", ["asset", "liability", "equity", "income", "expense"])),
                name="account_kind_is_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="account",
            constraint=models.CheckConstraint(
                condition=models.Q(("status__in", ["open", "frozen", "closed"])), name="account_status_is_known"
            ),
        ),
        migrations.AddConstraint(
            model_name="account",
            constraint=models.CheckConstraint(
                condition=models.Q(("currency__regex", "^[A-Z]{3}$")), name="account_currency_is_a_code"
            ),
        ),
        migrations.AddConstraint(
            model_name="account",
            constraint=models.CheckConstraint(
                condition=models.Q(("floor__isnull", True), ("balance__gte", models.F("floor")), _connector="OR"),
                name="balance_is_not_below_its_floor",
            ),
        ),
        migrations.AddConstraint(
            model_name="account",
            constraint=models.CheckConstraint(
                condition=models.Q(models.Q(("status", "closed"), _negated=True), ("balance", 0), _connector="OR"),
                name="closed_account_has_no_money",
            ),
        ),
        migrations.AddIndex(
            model_name="transfer",
            index=models.Index(condition=models.Q(("batch__isnull", False)), fields=["batch"], name="transfer_batch"),
        ),
        migrations.AddConstraint(
            model_name="transfer",
            constraint=models.CheckConstraint(condition=models.Q(("amount__gt", 0)), name="amount_is_positive"),
        ),
        migrations.AddConstraint(
            model_name="transfer",
            constraint=models.CheckConstraint(
                condition=models.Q(("debit_account", models.F("credit_account")), _negated=True),
                name="two_accounts_differ",
            ),
        ),
        migrations.AddConstraint(
            model_name="transfer",
            constraint=models.UniqueConstraint(
                condition=models.Q(("reverses__isnull", False)), fields=("reverses",), name="reversed_once"
            ),
        ),
        migrations.AddIndex(
            model_name="entry",
            index=models.Index(fields=["account", "posted_at", "seq"], name="entry_account_posted_at"),
        ),
        migrations.AddConstraint(
            model_name="entry",
            constraint=models.UniqueConstraint(fields=("account", "seq"), name="entry_seq_is_unique"),
        ),
        migrations.AddConstraint(
            model_name="entry",
            constraint=models.UniqueConstraint(fields=("transfer", "side"), name="one_entry_a_side"),
        ),
        migrations.AddConstraint(
            model_name="entry",
            constraint=models.CheckConstraint(
                condition=models.Q(("side__in", ["debit", "credit"])), name="entry_side_is_known"
            ),
        ),
    ]
