-- The rules of 0006 hold for every new row. Do they for the old ones? A row that breaks one is no reason to stop an upgrade:
-- it is said, and verify_ledger names it.
DO $$
DECLARE
  rule record;
BEGIN
  FOR rule IN
    SELECT conrelid::regclass AS books, conname FROM pg_constraint
    WHERE contype = 'c' AND NOT convalidated AND conrelid IN
      ('public.ledger_account'::regclass, 'public.ledger_transfer'::regclass, 'public.ledger_entry'::regclass, 'public.ledger_hot_account'::regclass)
  LOOP
    BEGIN
      EXECUTE format('ALTER TABLE %s VALIDATE CONSTRAINT %I', rule.books, rule.conname);
    EXCEPTION WHEN check_violation THEN
      RAISE WARNING '% has rows from before that break the rule %', rule.books, rule.conname;
    END;
  END LOOP;
END $$;
