from django.db import migrations

from ledger.sql import read


class Migration(migrations.Migration):
    dependencies = [("ledger", "0006_edges")]

    operations = [migrations.RunSQL(read("0007_edges_of_old_rows"), migrations.RunSQL.noop)]
