"""Customers whose name staff should look at; and one spelling, in ASCII, for mail domains that were kept in Unicode.

An address that cannot be converted, or whose other spelling somebody has already, stays as it is.
"""

import idna
from django.apps.registry import Apps
from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

REVIEWS = [
    ("name", "The name might be the bank’s"),
    ("handle", "The @handle might be the bank’s"),
    ("refused", "Accepted once, would be refused today"),
]


def domains_to_ascii(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    users = apps.get_model("accounts", "User").objects.using(schema_editor.connection.alias)
    for user in users.filter(email__regex="@.*[^ -~]"):
        local, _, domain = user.email.rpartition("@")
        try:
            email = f"{local}@{idna.encode(domain, uts46=True, std3_rules=True).decode('ascii').lower()}"
        except (idna.IDNAError, UnicodeError):
            continue
        if len(email) <= 254 and not users.filter(email=email).exists():
            users.filter(pk=user.pk).update(email=email)


class Migration(migrations.Migration):
    dependencies = [("accounts", "0005_secret_refused")]
    operations = [
        migrations.AddField(
            model_name="user",
            name="name_review",
            field=models.CharField(
                blank=True, choices=REVIEWS, db_default="", default="", editable=False, max_length=10
            ),
        ),
        migrations.AddField(
            model_name="user", name="name_review_at", field=models.DateTimeField(editable=False, null=True)
        ),
        migrations.AddConstraint(
            model_name="user",
            constraint=models.CheckConstraint(
                condition=models.Q(name_review="", name_review_at__isnull=True)
                | (~models.Q(name_review="") & models.Q(name_review_at__isnull=False)),
                name="user_name_review_has_time",
            ),
        ),
        migrations.RunPython(domains_to_ascii, migrations.RunPython.noop),
    ]
