from django.db import migrations

from ledger.sql import read


class Migration(migrations.Migration):
    dependencies = [("ledger", "0002_rules")]

    operations = [migrations.RunSQL(read("0003_lanes"), read("0003_lanes_reverse"))]
