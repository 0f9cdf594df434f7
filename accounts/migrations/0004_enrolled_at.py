from django.apps.registry import Apps
from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.models import Exists, OuterRef
from django.db.models.functions import Now


def mark_enrolled(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """Whoever has an authenticator, or saved the codes that come after it, has enrolled; when is not known any more."""
    users = apps.get_model("accounts", "User").objects
    devices = apps.get_model("accounts", "Authenticator").objects.filter(user=OuterRef("pk"), confirmed=True)
    users.filter(Exists(devices)).update(enrolled_at=Now())
    users.filter(enrolled_at=None, recovery_saved_at__isnull=False).update(enrolled_at=Now())


class Migration(migrations.Migration):
    dependencies = [("accounts", "0003_guard_tried_at")]

    operations = [
        migrations.AddField("user", "enrolled_at", models.DateTimeField(editable=False, null=True)),
        migrations.RunPython(mark_enrolled, migrations.RunPython.noop),
    ]
