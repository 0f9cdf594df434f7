"""Lines as they are searched, tags, and the extensions that PostgreSQL finds parts of words with.

All three are trusted: the owner of the database may make them (README, "Deploy it").
"""

import django.contrib.postgres.indexes
import django.db.models.deletion
import django.db.models.functions.text
from django.db import migrations, models

EXTENSIONS = ("pg_trgm", "btree_gin", "unaccent")
FORWARD = "".join(f"CREATE EXTENSION IF NOT EXISTS {name} SCHEMA public;" for name in EXTENSIONS)
BACKWARD = "".join(f"DROP EXTENSION {name};" for name in EXTENSIONS)


class Migration(migrations.Migration):
    dependencies = [
        ("ledger", "0007_edges_of_old_rows"),
        ("statements", "0002_statements_agree_with_the_books"),
    ]

    operations = [
        migrations.RunSQL(FORWARD, BACKWARD),
        migrations.CreateModel(
            name="Searched",
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
                ("seq", models.BigIntegerField(default=0)),
                ("came_in", models.BigIntegerField(default=0)),
                ("name", models.TextField(default="")),
            ],
            options={
                "db_table": "statements_searched",
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("came_in__gte", 0), ("seq__gte", 0)), name="searched_is_sane"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Tag",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(max_length=30)),
                (
                    "account",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="ledger.account",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="TaggedLine",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "account_id", "seq", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("seq", models.BigIntegerField()),
                (
                    "account",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="ledger.account",
                    ),
                ),
                (
                    "tag",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="lines",
                        to="statements.tag",
                    ),
                ),
            ],
            options={
                "db_table": "statements_tagged_line",
            },
        ),
        migrations.CreateModel(
            name="SearchedLine",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "account_id", "seq", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("seq", models.BigIntegerField()),
                ("incoming", models.BooleanField()),
                ("amount", models.BigIntegerField()),
                ("kind", models.CharField(max_length=32)),
                ("text", models.TextField()),
                ("came_in", models.BigIntegerField()),
                (
                    "account",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="ledger.account",
                    ),
                ),
                (
                    "other",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="ledger.account",
                    ),
                ),
            ],
            options={
                "db_table": "statements_searched_line",
                "indexes": [
                    django.contrib.postgres.indexes.GinIndex(
                        fastupdate=False,
                        fields=["account", "text"],
                        name="line_text",
                        opclasses=["int8_ops", "gin_trgm_ops"],
                    ),
                    models.Index(fields=["account", "amount", "seq"], name="line_amount"),
                    models.Index(fields=["account", "incoming", "kind", "seq"], name="line_kind"),
                    models.Index(fields=["other", "account", "seq"], name="line_other"),
                ],
            },
        ),
        migrations.AddConstraint(
            model_name="tag",
            constraint=models.UniqueConstraint(
                models.F("account"), django.db.models.functions.text.Lower("name"), name="tag_once_an_account"
            ),
        ),
        migrations.AddConstraint(
            model_name="tag",
            constraint=models.CheckConstraint(condition=models.Q(("name", ""), _negated=True), name="tag_has_a_name"),
        ),
        migrations.AddIndex(
            model_name="taggedline",
            index=models.Index(fields=["tag", "seq"], name="tagged_line_tag"),
        ),
    ]
