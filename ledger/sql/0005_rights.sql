-- What whoever does not own the books may do with them: open plain wallets, and post what a rule allows, now. Who acts is
-- asked of current_user, by functions that run as whoever calls them.

SET LOCAL search_path = pg_catalog, pg_temp;

-- Whose the books are: who this runs as. A third of what a look into pg_class costs, and the owner pays it at each posting.
CREATE FUNCTION public.ledger_owner() RETURNS name LANGUAGE plpgsql STABLE SECURITY DEFINER
  SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  RETURN current_user;
END $$;

-- Written by the owner, after each migrate (ledger/grants.py). Read inside payments: nobody else ever writes them, so
-- that a promise about them costs nobody an attempt.
CREATE TABLE public.ledger_currency (code varchar(3) PRIMARY KEY);
CREATE TABLE public.ledger_posting_rule (
  kind varchar(32) NOT NULL,
  debit varchar(107) NOT NULL,  -- 'wallet', or 'system ' and the name of an account of the bank's own
  credit varchar(107) NOT NULL,
  initiator varchar(6) NOT NULL CHECK (initiator IN ('debit', 'credit')),  -- whose wallet's owner it is that asks for it
  PRIMARY KEY (kind, debit, credit)
);
INSERT INTO public.ledger_posting_rule VALUES ('payment', 'wallet', 'wallet', 'debit');

-- A wallet that says no kind is a plain one. The site may name number, owner and currency only.
CREATE FUNCTION public.ledger_new_wallet_is_plain() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  NEW.kind := 'liability';
  NEW.name := '';
  NEW.floor := 0;
  RETURN NEW;
END $$;
CREATE TRIGGER new_wallet_is_plain BEFORE INSERT ON public.ledger_account FOR EACH ROW
  WHEN (NEW.owner_id IS NOT NULL AND NEW.kind IS NULL) EXECUTE FUNCTION public.ledger_new_wallet_is_plain();

CREATE FUNCTION public.ledger_only_plain_wallets() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  IF pg_has_role(current_user, public.ledger_owner(), 'USAGE') THEN
    RETURN NULL;
  END IF;
  IF NEW.owner_id IS NULL OR (NEW.kind, NEW.name, NEW.floor, NEW.status) IS DISTINCT FROM ('liability', '', 0::bigint, 'open')
    OR NEW.opened_at NOT BETWEEN now() AND clock_timestamp()
  THEN
    RAISE EXCEPTION 'only the owner of the books opens an account that is no plain wallet'
      USING ERRCODE = '23514', CONSTRAINT = TG_NAME, TABLE = TG_TABLE_NAME;
  END IF;
  IF NOT EXISTS (SELECT FROM public.ledger_currency WHERE code = NEW.currency) THEN
    RAISE EXCEPTION 'a wallet is in a currency that the owner of the books has listed'
      USING ERRCODE = '23514', CONSTRAINT = 'wallet_has_a_listed_currency', TABLE = TG_TABLE_NAME, DETAIL = NEW.currency;
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER only_plain_wallets AFTER INSERT ON public.ledger_account FOR EACH ROW
  EXECUTE FUNCTION public.ledger_only_plain_wallets();

-- The bank's own accounts come from a fixed list: ledger/models.py has the same.
CREATE FUNCTION public.ledger_open_system_account(account_name text, account_currency text, account_number text)
  RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  account_kind CONSTANT text := CASE account_name
    WHEN 'cash' THEN 'asset' WHEN 'settlement' THEN 'asset' WHEN 'suspense' THEN 'liability'
    WHEN 'capital' THEN 'equity' WHEN 'fees' THEN 'income' WHEN 'promotions' THEN 'expense' END;
  -- current_user is the owner in here.
  asking CONSTANT name := coalesce(nullif(current_setting('role'), 'none')::name, session_user);
BEGIN
  IF account_kind IS NULL THEN
    PERFORM public.ledger_refuse('system_account_is_a_known_one', 'the bank has no such account', account_name);
  END IF;
  IF NOT pg_has_role(asking, current_user, 'USAGE')
    AND NOT EXISTS (SELECT FROM public.ledger_currency WHERE code = account_currency)
  THEN
    PERFORM public.ledger_refuse(
      'system_account_has_a_listed_currency', 'an account is in a currency that the owner of the books has listed', account_currency);
  END IF;
  INSERT INTO public.ledger_account (number, name, kind, currency)
  VALUES (account_number, account_name, account_kind, account_currency) ON CONFLICT DO NOTHING;
END $$;

-- Fires before post_entries, because triggers do so by name: the accounts are as they were.
CREATE FUNCTION public.ledger_only_ruled_postings() RETURNS trigger LANGUAGE plpgsql
  SET search_path = pg_catalog, pg_temp SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off AS $$
DECLARE
  broken text;
  transfer uuid;
BEGIN
  IF pg_has_role(current_user, public.ledger_owner(), 'USAGE') THEN
    RETURN NULL;
  END IF;
  SELECT rule, id INTO broken, transfer FROM (
    SELECT t.id, CASE
      WHEN t.reverses_id IS NOT NULL OR t.batch IS NOT NULL OR NOT EXISTS (
        SELECT FROM public.ledger_posting_rule r
        WHERE r.kind = t.kind
          AND r.debit = CASE WHEN d.owner_id IS NULL THEN 'system ' || d.name ELSE 'wallet' END
          AND r.credit = CASE WHEN c.owner_id IS NULL THEN 'system ' || c.name ELSE 'wallet' END
          AND t.initiated_by_id = CASE r.initiator WHEN 'debit' THEN d.owner_id ELSE c.owner_id END
      ) THEN TG_NAME
      WHEN t.posted_at NOT BETWEEN now()
        AND greatest(clock_timestamp(), max(greatest(d.last_posted_at, c.last_posted_at)) OVER ()) THEN 'posting_is_of_now'
      END AS rule
    FROM posted t
    LEFT JOIN public.ledger_account d ON d.id = t.debit_account_id
    LEFT JOIN public.ledger_account c ON c.id = t.credit_account_id
  ) asked WHERE rule IS NOT NULL LIMIT 1;
  IF FOUND THEN
    RAISE EXCEPTION '%', CASE broken
        WHEN TG_NAME THEN 'only the owner of the books posts what no rule allows'
        ELSE 'only the owner of the books posts at another time than now' END
      USING ERRCODE = '23514', CONSTRAINT = broken, TABLE = TG_TABLE_NAME, DETAIL = 'transfer ' || transfer;
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER only_ruled_postings AFTER INSERT ON public.ledger_transfer REFERENCING NEW TABLE AS posted
  EXECUTE FUNCTION public.ledger_only_ruled_postings();

-- No change of an account goes unrecorded, whoever makes it.
CREATE FUNCTION public.ledger_record_change() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  INSERT INTO public.ledger_account_change (account_id, what, old, new, by_id, why, role, at)
  SELECT NEW.id, change.what, change.old, change.new, nullif(current_setting('ledger.change_by', true), '')::uuid,
    coalesce(current_setting('ledger.change_why', true), ''), session_user, clock_timestamp()
  FROM (VALUES ('floor', OLD.floor::text, NEW.floor::text), ('status', OLD.status, NEW.status), ('name', OLD.name, NEW.name))
    change(what, old, new)
  WHERE change.old IS DISTINCT FROM change.new;
  RETURN NULL;
END $$;
CREATE TRIGGER record_change AFTER UPDATE ON public.ledger_account FOR EACH ROW
  WHEN ((OLD.floor, OLD.status, OLD.name) IS DISTINCT FROM (NEW.floor, NEW.status, NEW.name))
  EXECUTE FUNCTION public.ledger_record_change();

CREATE TRIGGER account_changes_are_append_only BEFORE UPDATE OR DELETE ON public.ledger_account_change
  EXECUTE FUNCTION public.ledger_rule('changes of accounts are append-only');
CREATE TRIGGER account_changes_are_never_truncated BEFORE TRUNCATE ON public.ledger_account_change
  EXECUTE FUNCTION public.ledger_rule('changes of accounts are append-only');
CREATE TRIGGER account_change_is_written_by_its_update BEFORE INSERT ON public.ledger_account_change FOR EACH STATEMENT
  WHEN (pg_trigger_depth() = 0) EXECUTE FUNCTION public.ledger_rule('a change of an account is written by its update');

-- Who and why, for the record. For the owner only, until a page needs them.
CREATE FUNCTION public.ledger_say_why(changed_by uuid, reason text) RETURNS void LANGUAGE plpgsql
  SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  IF btrim(coalesce(reason, '')) = '' THEN
    PERFORM public.ledger_refuse('change_says_why', 'a change of an account says why', '');
  END IF;
  PERFORM set_config('ledger.change_by', coalesce(changed_by::text, ''), true);
  PERFORM set_config('ledger.change_why', reason, true);
END $$;

CREATE FUNCTION public.ledger_said_why(was_there boolean, account bigint) RETURNS void LANGUAGE plpgsql
  SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  IF NOT was_there THEN
    PERFORM public.ledger_refuse('change_has_an_account', 'a change is of an account', 'account ' || account);
  END IF;
  PERFORM set_config('ledger.change_by', '', true);
  PERFORM set_config('ledger.change_why', '', true);
END $$;

CREATE FUNCTION public.ledger_set_floor(account bigint, new_floor bigint, changed_by uuid, reason text) RETURNS void LANGUAGE plpgsql
  SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  PERFORM public.ledger_say_why(changed_by, reason);
  UPDATE public.ledger_account SET floor = new_floor WHERE id = account;
  PERFORM public.ledger_said_why(FOUND, account);
END $$;

CREATE FUNCTION public.ledger_set_status(account bigint, new_status text, changed_by uuid, reason text) RETURNS void LANGUAGE plpgsql
  SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  PERFORM public.ledger_say_why(changed_by, reason);
  UPDATE public.ledger_account SET status = new_status WHERE id = account;
  PERFORM public.ledger_said_why(FOUND, account);
END $$;

REVOKE ALL ON FUNCTION public.ledger_owner(), public.ledger_new_wallet_is_plain(), public.ledger_only_plain_wallets(), public.ledger_only_ruled_postings(),
  public.ledger_record_change(), public.ledger_open_system_account(text, text, text), public.ledger_say_why(uuid, text),
  public.ledger_said_why(boolean, bigint), public.ledger_set_floor(bigint, bigint, uuid, text),
  public.ledger_set_status(bigint, text, uuid, text) FROM PUBLIC;

SET LOCAL search_path TO DEFAULT;
