"""The bank's signature under each statement, which the worker makes."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("statements", "0003_lines_as_they_are_searched"),
    ]

    operations = [
        migrations.CreateModel(
            name="Seal",
            fields=[
                (
                    "statement",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        primary_key=True,
                        related_name="seal",
                        serialize=False,
                        to="statements.statement",
                    ),
                ),
                ("note", models.TextField(blank=True)),
            ],
            options={
                "indexes": [
                    models.Index(condition=models.Q(("note", "")), fields=["statement"], name="seal_to_be_made")
                ],
            },
        ),
        migrations.RunSQL(
            "INSERT INTO statements_seal (statement_id, note) SELECT id, '' FROM statements_statement",
            migrations.RunSQL.noop,
        ),
    ]
