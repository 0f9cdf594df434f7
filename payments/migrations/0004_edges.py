"""A draft's times are times, and its id is no other row's "none". Approvals too."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

from django.contrib.postgres.operations import AddConstraintNotValid
from django.db import migrations
from django.db.models import CheckConstraint, F, Q

FORWARD = """
ALTER FUNCTION public.payment_never_changes() SET search_path = pg_catalog, pg_temp;
REVOKE ALL ON FUNCTION public.payment_never_changes() FROM PUBLIC;
"""
BACKWARD = """
ALTER FUNCTION payment_never_changes() RESET search_path;
GRANT EXECUTE ON FUNCTION payment_never_changes() TO PUBLIC;
"""
# A row from before that breaks a rule is no reason to stop an upgrade: it is said.
VALIDATE = """
DO $$
DECLARE
    rule record;
BEGIN
    FOR rule IN SELECT conrelid::regclass AS owner, conname FROM pg_constraint WHERE contype = 'c' AND NOT convalidated
        AND conrelid IN ('public.payments_payment'::regclass, 'public.payments_approval'::regclass)
    LOOP
        BEGIN
            EXECUTE format('ALTER TABLE %s VALIDATE CONSTRAINT %I', rule.owner, rule.conname);
        EXCEPTION WHEN check_violation THEN
            RAISE WARNING '% has rows from before that break the rule %', rule.owner, rule.conname;
        END;
    END LOOP;
END $$;
"""
EARLIEST, TOO_LATE = datetime(1900, 1, 1, tzinfo=UTC), datetime(9999, 1, 1, tzinfo=UTC)
RULES = {
    "payment": {
        "payment_id_is_not_nobody": Q(id__isnull=True) | ~Q(id=UUID(int=0)),
        "payment_times_are_sane": Q(created_at__gte=EARLIEST, created_at__lt=TOO_LATE)
        & Q(expires_at__gte=EARLIEST, expires_at__lt=TOO_LATE),
        "payment_expires_within_a_day": Q(expires_at__lte=F("created_at") + timedelta(days=1)),
    },
    "approval": {"approval_is_sane": Q(step__gte=0) & Q(at__gte=EARLIEST, at__lt=TOO_LATE)},
}


class Migration(migrations.Migration):
    dependencies = [("payments", "0003_approval")]

    operations = [
        migrations.RunSQL(FORWARD, BACKWARD),
        *(
            AddConstraintNotValid(model_name=model, constraint=CheckConstraint(condition=condition, name=name))
            for model, rules in RULES.items()
            for name, condition in rules.items()
        ),
        migrations.RunSQL(VALIDATE, migrations.RunSQL.noop),
    ]
