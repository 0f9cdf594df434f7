"""The functions of the books anew: none can be run for somebody else's table, nor be shown somebody else's objects."""

from django.db import migrations

from ledger.sql import function, read

BEFORE = [
    ("0001_fingerprint", "ledger_fingerprint"),
    ("0002_rules", "ledger_refuse"),
    ("0002_rules", "ledger_rule"),
    ("0002_rules", "ledger_reversal_mirrors_its_transfer"),
    ("0002_rules", "ledger_chain_step"),
    ("0002_rules", "ledger_post"),
]
EVERYBODYS = """
GRANT EXECUTE ON FUNCTION ledger_fingerprint, ledger_refuse, ledger_rule, ledger_reversal_mirrors_its_transfer,
  ledger_chain_step, ledger_chain, ledger_post TO PUBLIC;
"""
REVERSE = "\n".join([*(function(file, name) for file, name in BEFORE), EVERYBODYS])


class Migration(migrations.Migration):
    dependencies = [("ledger", "0003_lanes")]

    operations = [migrations.RunSQL(read("0004_one_writer"), REVERSE)]
