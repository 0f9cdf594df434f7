"""A statement says what the books say, follows the one before it, and is never changed: the database holds it."""

from django.db import migrations

FORWARD = """
CREATE FUNCTION public.statement_agrees_with_the_books() RETURNS trigger
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    previous public.statements_statement;
BEGIN
    IF NEW.opening <> coalesce((SELECT balance_after FROM public.ledger_entry
            WHERE account_id = NEW.account_id AND seq = NEW.first_seq - 1), 0)
        OR NEW.closing <> coalesce((SELECT balance_after FROM public.ledger_entry
            WHERE account_id = NEW.account_id AND seq = NEW.last_seq), 0)
        OR NEW.head <> coalesce((SELECT digest FROM public.ledger_entry
            WHERE account_id = NEW.account_id AND seq = NEW.last_seq), decode(repeat('00', 32), 'hex'))
        OR NEW.last_seq > (SELECT last_seq FROM public.ledger_account WHERE id = NEW.account_id)
    THEN
        RAISE EXCEPTION 'the books say something else than this statement'
            USING ERRCODE = '23514', CONSTRAINT = 'statement_agrees_with_the_books', TABLE = 'statements_statement';
    END IF;
    IF NEW.kind = 'monthly' THEN
        SELECT * INTO previous FROM public.statements_statement
            WHERE account_id = NEW.account_id AND kind = 'monthly' AND number < NEW.number
            ORDER BY number DESC LIMIT 1;
        IF NEW.number <> coalesce(previous.number, 0) + 1
            OR NEW.first_seq <> coalesce(previous.last_seq, 0) + 1
            OR NEW.first_day <= previous.last_day
        THEN
            RAISE EXCEPTION 'this statement does not follow the one before it'
                USING ERRCODE = '23514', CONSTRAINT = 'statement_follows', TABLE = 'statements_statement';
        END IF;
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER statement_agrees_with_the_books BEFORE INSERT ON public.statements_statement
    FOR EACH ROW EXECUTE FUNCTION public.statement_agrees_with_the_books();

CREATE FUNCTION public.statement_never_changes() RETURNS trigger
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    RAISE EXCEPTION 'a statement is neither changed nor deleted'
        USING ERRCODE = '23514', CONSTRAINT = 'statement_never_changes', TABLE = 'statements_statement';
END
$$;
CREATE TRIGGER statement_never_changes BEFORE UPDATE OR DELETE ON public.statements_statement
    FOR EACH ROW EXECUTE FUNCTION public.statement_never_changes();
CREATE TRIGGER statement_is_never_emptied BEFORE TRUNCATE ON public.statements_statement
    FOR EACH STATEMENT EXECUTE FUNCTION public.statement_never_changes();
"""
BACKWARD = """
DROP TRIGGER statement_is_never_emptied ON public.statements_statement;
DROP TRIGGER statement_never_changes ON public.statements_statement;
DROP FUNCTION public.statement_never_changes();
DROP TRIGGER statement_agrees_with_the_books ON public.statements_statement;
DROP FUNCTION public.statement_agrees_with_the_books();
"""


class Migration(migrations.Migration):
    dependencies = [("statements", "0001_initial")]

    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
