"""The log over transfers: each of them once, under a Merkle root that is signed and published."""

import django.db.models.deletion
import django.db.models.functions.datetime
from django.db import migrations, models

from ledger.sql import read


class Migration(migrations.Migration):
    dependencies = [
        ("ledger", "0007_edges_of_old_rows"),
    ]

    operations = [
        migrations.CreateModel(
            name="LogCheckpoint",
            fields=[
                ("size", models.BigIntegerField(primary_key=True, serialize=False)),
                ("root", models.BinaryField()),
                ("note", models.TextField()),
                ("verifier", models.CharField(max_length=400)),
                ("signed_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
            ],
            options={
                "db_table": "ledger_log_checkpoint",
                "constraints": [
                    models.CheckConstraint(condition=models.Q(("size__gte", 1)), name="log_checkpoint_is_of_something")
                ],
            },
        ),
        migrations.CreateModel(
            name="LogNode",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("level", models.SmallIntegerField()),
                ("index", models.BigIntegerField()),
                ("hash", models.BinaryField()),
            ],
            options={
                "db_table": "ledger_log_node",
                "constraints": [models.UniqueConstraint(fields=("level", "index"), name="one_log_node_a_place")],
            },
        ),
        migrations.CreateModel(
            name="LogCosignature",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("line", models.CharField(max_length=1000)),
                (
                    "checkpoint",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="cosignatures",
                        to="ledger.logcheckpoint",
                    ),
                ),
            ],
            options={
                "db_table": "ledger_log_cosignature",
                "constraints": [
                    models.UniqueConstraint(fields=("checkpoint", "line"), name="a_witness_signs_once"),
                    models.CheckConstraint(
                        condition=models.Q(("line__regex", "^— [^\\s+]+ [A-Za-z0-9+/]+={0,2}$")),
                        name="log_cosignature_is_a_line",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="LogLeaf",
            fields=[
                ("index", models.BigIntegerField(primary_key=True, serialize=False)),
                (
                    "salt",
                    models.BinaryField(help_text="Sixteen random bytes: without them, what is paid could be guessed."),
                ),
                ("hash", models.BinaryField()),
                (
                    "transfer",
                    models.OneToOneField(
                        db_constraint=False,
                        editable=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="log_leaf",
                        to="ledger.transfer",
                    ),
                ),
            ],
            options={
                "db_table": "ledger_log_leaf",
                "constraints": [
                    models.CheckConstraint(condition=models.Q(("index__gte", 0)), name="log_leaf_index_is_not_negative")
                ],
            },
        ),
        migrations.RunSQL(read("0008_log"), read("0008_log_reverse")),
    ]
