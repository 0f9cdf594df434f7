"""The security log is append-only: the database refuses to change or delete a line of it, whoever asks."""

from django.db import migrations

REFUSE = """
CREATE FUNCTION accounts_security_events_are_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'security events are neither changed nor deleted'
        USING ERRCODE = '23514', CONSTRAINT = 'security_events_are_append_only';
END $$;
CREATE TRIGGER security_events_are_append_only BEFORE UPDATE OR DELETE ON accounts_securityevent
    FOR EACH ROW EXECUTE FUNCTION accounts_security_events_are_append_only();
"""
ALLOW = """
DROP TRIGGER security_events_are_append_only ON accounts_securityevent;
DROP FUNCTION accounts_security_events_are_append_only();
"""


class Migration(migrations.Migration):
    dependencies = [("accounts", "0001_initial")]
    operations = [migrations.RunSQL(REFUSE, ALLOW)]
