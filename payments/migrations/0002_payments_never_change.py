"""A PIN authorises exactly what was shown, so a draft that exists is never changed, not even from psql."""

from django.db import migrations

FORWARD = """
CREATE FUNCTION payment_never_changes() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'A payment draft is never changed: make another one.'
        USING ERRCODE = '23514', CONSTRAINT = 'payment_never_changes', TABLE = 'payments_payment';
END
$$;
CREATE TRIGGER payment_never_changes BEFORE UPDATE ON payments_payment
    FOR EACH ROW EXECUTE FUNCTION payment_never_changes();
"""
BACKWARD = """
DROP TRIGGER payment_never_changes ON payments_payment;
DROP FUNCTION payment_never_changes();
"""


class Migration(migrations.Migration):
    dependencies = [("payments", "0001_initial")]

    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
