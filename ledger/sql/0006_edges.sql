-- Values at the edge that no single column's constraint can tell, each refused by a rule of its own.

SET LOCAL search_path = pg_catalog, pg_temp;

-- Asked once, when the number is given: a constraint would be asked at each payment. It never changes after that.
CREATE TRIGGER number_has_check_digits AFTER INSERT ON public.ledger_account FOR EACH ROW
  WHEN (CASE WHEN NEW.number ~ '^[0-9]{12}$' THEN NEW.number::bigint % 97 <> 1 ELSE true END)
  EXECUTE FUNCTION public.ledger_rule('an account''s number has its check digits');

-- An account that queues for ever would slow down everybody who pays it.
CREATE TRIGGER hot_account_cools_down AFTER INSERT OR UPDATE ON public.ledger_hot_account FOR EACH ROW
  WHEN (NEW.queued_until > clock_timestamp() + interval '1 minute')
  EXECUTE FUNCTION public.ledger_rule('an account queues for a minute at most');

-- What is reversed was in the books before: its entries are there. So no two transfers reverse each other.
CREATE FUNCTION public.ledger_reversal_follows_its_transfer() RETURNS trigger LANGUAGE plpgsql
  SET search_path = pg_catalog, pg_temp SET enable_seqscan = off AS $$
BEGIN
  IF EXISTS (SELECT FROM public.ledger_transfer WHERE id = NEW.reverses_id)
    AND NOT EXISTS (SELECT FROM public.ledger_entry WHERE transfer_id = NEW.reverses_id AND side = 'debit')
  THEN
    RAISE EXCEPTION 'a reversal follows its transfer'
      USING ERRCODE = '23514', CONSTRAINT = TG_NAME, TABLE = TG_TABLE_NAME, DETAIL = 'transfer ' || NEW.id;
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER reversal_follows_its_transfer AFTER INSERT ON public.ledger_transfer FOR EACH ROW
  WHEN (NEW.reverses_id IS NOT NULL) EXECUTE FUNCTION public.ledger_reversal_follows_its_transfer();
REVOKE ALL ON FUNCTION public.ledger_reversal_follows_its_transfer() FROM PUBLIC;

SET LOCAL search_path TO DEFAULT;
