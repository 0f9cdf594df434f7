from django.db import migrations

from ledger.sql import read


class Migration(migrations.Migration):
    dependencies = [("ledger", "0001_initial")]

    operations = [migrations.RunSQL(read("0002_rules"), read("0002_rules_reverse"))]
