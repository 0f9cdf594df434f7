-- The one writer cannot be borrowed. Each function of the books sees built-in objects first and nothing of `public` that
-- it does not name, so that nobody's own operator, cast, function or table stands in for what is meant; the one that
-- runs with its owner's rights does nothing for any other table; and none is anybody's to call (ledger/grants.py gives
-- the site the few that it needs, by name).

SET LOCAL search_path = pg_catalog, pg_temp;

CREATE OR REPLACE FUNCTION public.ledger_fingerprint(
  id uuid, debit bigint, credit bigint, amount bigint, currency text, kind text, memo text,
  initiated_by uuid, reverses uuid, batch uuid
) RETURNS bytea LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  nobody CONSTANT uuid := '00000000-0000-0000-0000-000000000000';
  currency_bytes CONSTANT bytea := convert_to(currency, 'UTF8');
  kind_bytes CONSTANT bytea := convert_to(kind, 'UTF8');
  memo_bytes CONSTANT bytea := convert_to(memo, 'UTF8');
BEGIN
  RETURN sha256(
    '\x01'::bytea || uuid_send(id) || int8send(debit) || int8send(credit) || int8send(amount)
    || int4send(octet_length(currency_bytes)) || currency_bytes
    || int4send(octet_length(kind_bytes)) || kind_bytes
    || int4send(octet_length(memo_bytes)) || memo_bytes
    || uuid_send(coalesce(initiated_by, nobody)) || uuid_send(coalesce(reverses, nobody)) || uuid_send(coalesce(batch, nobody))
  );
END $$;

CREATE OR REPLACE FUNCTION public.ledger_refuse(rule text, sentence text, which text) RETURNS boolean LANGUAGE plpgsql
  SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  RAISE EXCEPTION '%', sentence USING ERRCODE = '23514', CONSTRAINT = rule, DETAIL = which;
END $$;

CREATE OR REPLACE FUNCTION public.ledger_rule() RETURNS trigger LANGUAGE plpgsql
  SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  RAISE EXCEPTION '%', TG_ARGV[0]
    USING ERRCODE = '23514', CONSTRAINT = TG_NAME, TABLE = TG_TABLE_NAME, DETAIL = TG_OP || ' on ' || TG_TABLE_NAME;
END $$;

-- Run by whoever inserts, so it raises by itself: nobody else may call ledger_refuse().
CREATE OR REPLACE FUNCTION public.ledger_reversal_mirrors_its_transfer() RETURNS trigger LANGUAGE plpgsql
  SET search_path = pg_catalog, pg_temp SET enable_seqscan = off AS $$
BEGIN
  IF NOT EXISTS (
    SELECT FROM public.ledger_transfer original
    WHERE original.id = NEW.reverses_id AND original.id <> NEW.id
      AND (original.amount, original.currency, original.debit_account_id, original.credit_account_id)
        = (NEW.amount, NEW.currency, NEW.credit_account_id, NEW.debit_account_id)
  ) THEN
    RAISE EXCEPTION 'a reversal mirrors its transfer'
      USING ERRCODE = '23514', CONSTRAINT = TG_NAME, TABLE = TG_TABLE_NAME, DETAIL = 'transfer ' || NEW.id;
  END IF;
  RETURN NULL;
END $$;

CREATE OR REPLACE FUNCTION public.ledger_chain_step(digest bytea, head bytea, body bytea) RETURNS bytea LANGUAGE plpgsql
  IMMUTABLE PARALLEL SAFE SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  RETURN sha256('\x02'::bytea || coalesce(digest, head) || body);
END $$;

CREATE OR REPLACE FUNCTION public.ledger_post() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
  SET search_path = pg_catalog, pg_temp
  SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off
AS $$
BEGIN
  IF TG_RELID <> 'public.ledger_transfer'::regclass OR (TG_OP, TG_WHEN, TG_LEVEL) <> ('INSERT', 'AFTER', 'STATEMENT') THEN
    PERFORM public.ledger_refuse('posting_is_for_transfers', 'posting is for new transfers of the books', TG_RELID::regclass::text);
  END IF;
  -- A column of another type would bring casts and operators of its own, to run with the owner's rights.
  IF (pg_typeof((NULL::public.ledger_transfer).id), pg_typeof((NULL::public.ledger_transfer).debit_account_id),
      pg_typeof((NULL::public.ledger_transfer).credit_account_id), pg_typeof((NULL::public.ledger_transfer).amount),
      pg_typeof((NULL::public.ledger_transfer).currency), pg_typeof((NULL::public.ledger_transfer).fingerprint),
      pg_typeof((NULL::public.ledger_transfer).posted_at))
    <> ('uuid'::regtype, 'bigint'::regtype, 'bigint'::regtype, 'bigint'::regtype, 'varchar'::regtype, 'bytea'::regtype,
      'timestamptz'::regtype)
  THEN
    PERFORM public.ledger_refuse('posting_is_of_known_types', 'a transfer''s columns have the types that posting knows', TG_RELID::regclass::text);
  END IF;
  IF current_setting('transaction_isolation') <> 'serializable' THEN
    PERFORM public.ledger_refuse('posting_is_serializable', 'posting needs a serializable transaction', current_setting('transaction_isolation'));
  END IF;
  PERFORM set_config('ledger.posting', 'on', true);
  WITH leg AS (
    SELECT t.id AS transfer_id, t.currency, t.amount, t.fingerprint, t.posted_at, s.account_id, s.side, s.letter,
      a.id AS known, a.currency AS account_currency, a.status, a.floor, a.head,
      (s.side = 'debit') = (a.kind IN ('asset', 'expense')) AS rises,
      a.last_seq + row_number() OVER w AS seq,
      a.last_seq + count(*) OVER (PARTITION BY s.account_id) AS newest,
      (a.balance + sum(CASE WHEN (s.side = 'debit') = (a.kind IN ('asset', 'expense')) THEN t.amount ELSE -t.amount END) OVER w)::bigint
        AS balance_after,
      lag(t.posted_at, 1, a.last_posted_at) OVER w AS not_before
    FROM (SELECT *, row_number() OVER () AS n FROM posted) t
    CROSS JOIN LATERAL (VALUES (t.debit_account_id, 'debit', '\x44'::bytea), (t.credit_account_id, 'credit', '\x43'::bytea))
      s(account_id, side, letter)
    LEFT JOIN public.ledger_account a ON a.id = s.account_id
    WINDOW w AS (PARTITION BY s.account_id ORDER BY t.n ROWS UNBOUNDED PRECEDING)
  ), linked AS (
    SELECT *, public.ledger_chain(head,
        fingerprint || int8send(account_id) || int8send(seq) || letter || int8send(amount) || int8send(balance_after)
        || timestamptz_send(posted_at))
      OVER (PARTITION BY account_id ORDER BY seq ROWS UNBOUNDED PRECEDING) AS digest
    FROM leg
    WHERE CASE
      WHEN known IS NULL
        THEN public.ledger_refuse('leg_has_an_account', 'a leg has an account', 'account ' || account_id)
      WHEN currency <> account_currency
        THEN public.ledger_refuse('leg_has_its_accounts_currency', 'a leg has its account''s currency', 'transfer ' || transfer_id)
      WHEN status = 'closed'
        THEN public.ledger_refuse('closed_account_does_not_move', 'a closed account does not move', 'transfer ' || transfer_id)
      WHEN status = 'frozen' AND NOT rises
        THEN public.ledger_refuse('frozen_account_only_receives', 'a frozen account only receives', 'transfer ' || transfer_id)
      WHEN balance_after < floor AND NOT rises
        THEN public.ledger_refuse('balance_stays_above_its_floor', 'a balance stays above its floor', 'transfer ' || transfer_id)
      WHEN posted_at < not_before OR posted_at > clock_timestamp() + interval '1 minute'
        THEN public.ledger_refuse('entries_follow_time', 'an account''s entries are in order of time', 'transfer ' || transfer_id)
      ELSE true
    END
  ), written AS (
    INSERT INTO public.ledger_entry (account_id, seq, transfer_id, side, amount, balance_after, posted_at, digest)
    SELECT account_id, seq, transfer_id, side, amount, balance_after, posted_at, digest FROM linked
  )
  UPDATE public.ledger_account a
  SET balance = l.balance_after, last_seq = l.seq, last_posted_at = l.posted_at, head = l.digest
  FROM linked l
  WHERE a.id = l.account_id AND l.seq = l.newest;
  PERFORM set_config('ledger.posting', '', true);
  RETURN NULL;
END $$;

-- ledger_fingerprint() stays for the next grants to take, in one transaction with giving it to the site.
REVOKE ALL ON FUNCTION public.ledger_refuse(text, text, text), public.ledger_rule(), public.ledger_reversal_mirrors_its_transfer(),
  public.ledger_chain_step(bytea, bytea, bytea), public.ledger_chain(bytea, bytea), public.ledger_post() FROM PUBLIC;

SET LOCAL search_path TO DEFAULT;
