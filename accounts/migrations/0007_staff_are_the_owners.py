"""What the site's role may not do to people, whatever its pages ask for, and values that nothing could read back."""

from datetime import UTC, datetime
from uuid import UUID

from django.contrib.postgres.operations import AddConstraintNotValid
from django.db import migrations
from django.db.models import CheckConstraint, Q

FORWARD = """
SET LOCAL search_path = pg_catalog, pg_temp;

CREATE OR REPLACE FUNCTION public.accounts_security_events_are_append_only() RETURNS trigger LANGUAGE plpgsql
    SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    RAISE EXCEPTION 'security events are neither changed nor deleted'
        USING ERRCODE = '23514', CONSTRAINT = 'security_events_are_append_only';
END $$;
CREATE TRIGGER security_events_are_never_truncated BEFORE TRUNCATE ON public.accounts_securityevent
    EXECUTE FUNCTION public.accounts_security_events_are_append_only();

-- No page makes members of staff: commands do, as the owner of the tables.
CREATE FUNCTION public.accounts_staff_are_made_by_the_owner() RETURNS trigger LANGUAGE plpgsql
    SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF NOT pg_has_role(current_user, (SELECT relowner FROM pg_class WHERE oid = TG_RELID), 'USAGE') THEN
        RAISE EXCEPTION 'only the owner of the tables makes somebody staff, or no longer staff'
            USING ERRCODE = '23514', CONSTRAINT = 'staff_are_made_by_the_owner', TABLE = TG_TABLE_NAME;
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER staff_are_made_by_the_owner AFTER INSERT ON public.accounts_user FOR EACH ROW
    WHEN (NEW.is_staff OR NEW.is_superuser) EXECUTE FUNCTION public.accounts_staff_are_made_by_the_owner();
CREATE TRIGGER staff_stay_what_they_are AFTER UPDATE ON public.accounts_user FOR EACH ROW
    WHEN ((OLD.is_staff, OLD.is_superuser) IS DISTINCT FROM (NEW.is_staff, NEW.is_superuser))
    EXECUTE FUNCTION public.accounts_staff_are_made_by_the_owner();

REVOKE ALL ON FUNCTION public.accounts_security_events_are_append_only(), public.accounts_staff_are_made_by_the_owner() FROM PUBLIC;

SET LOCAL search_path TO DEFAULT;
"""
BACKWARD = """
DROP TRIGGER staff_stay_what_they_are ON accounts_user;
DROP TRIGGER staff_are_made_by_the_owner ON accounts_user;
DROP FUNCTION accounts_staff_are_made_by_the_owner();
DROP TRIGGER security_events_are_never_truncated ON accounts_securityevent;
ALTER FUNCTION accounts_security_events_are_append_only() RESET search_path;
GRANT EXECUTE ON FUNCTION accounts_security_events_are_append_only() TO PUBLIC;
"""
# A row from before that breaks a rule is no reason to stop an upgrade: it is said.
VALIDATE = """
DO $$
DECLARE
    rule record;
BEGIN
    FOR rule IN SELECT conrelid::regclass AS owner, conname FROM pg_constraint WHERE contype = 'c' AND NOT convalidated
        AND conrelid IN ('public.accounts_user'::regclass, 'public.accounts_securityevent'::regclass)
    LOOP
        BEGIN
            EXECUTE format('ALTER TABLE %s VALIDATE CONSTRAINT %I', rule.owner, rule.conname);
        EXCEPTION WHEN check_violation THEN
            RAISE WARNING '% has rows from before that break the rule %', rule.owner, rule.conname;
        END;
    END LOOP;
END $$;
"""


class Migration(migrations.Migration):
    dependencies = [("accounts", "0006_names_to_look_at")]
    operations = [
        migrations.RunSQL(FORWARD, BACKWARD),
        AddConstraintNotValid(
            model_name="user",
            constraint=CheckConstraint(name="user_is_somebody", condition=~Q(id=UUID(int=0))),
        ),
        AddConstraintNotValid(
            model_name="securityevent",
            constraint=CheckConstraint(
                name="security_event_time_is_sane",
                condition=Q(at__gte=datetime(1900, 1, 1, tzinfo=UTC), at__lt=datetime(9999, 1, 1, tzinfo=UTC)),
            ),
        ),
        migrations.RunSQL(VALIDATE, migrations.RunSQL.noop),
    ]
