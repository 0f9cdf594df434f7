-- What the books refuse, from whomever it comes. One sentence a rule; SQLSTATE 23514 reaches Django as IntegrityError,
-- with the rule's name as the constraint's.

CREATE FUNCTION ledger_refuse(rule text, sentence text, which text) RETURNS boolean LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION '%', sentence USING ERRCODE = '23514', CONSTRAINT = rule, DETAIL = which;
END $$;

-- For triggers: CREATE TRIGGER <rule> ... EXECUTE FUNCTION ledger_rule('<sentence>').
CREATE FUNCTION ledger_rule() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION '%', TG_ARGV[0]
    USING ERRCODE = '23514', CONSTRAINT = TG_NAME, TABLE = TG_TABLE_NAME, DETAIL = TG_OP || ' on ' || TG_TABLE_NAME;
END $$;

-- The books are append-only.

CREATE TRIGGER transfers_are_append_only BEFORE UPDATE OR DELETE ON ledger_transfer
  EXECUTE FUNCTION ledger_rule('transfers are append-only');
CREATE TRIGGER entries_are_append_only BEFORE UPDATE OR DELETE ON ledger_entry
  EXECUTE FUNCTION ledger_rule('entries are append-only');
CREATE TRIGGER accounts_are_never_deleted BEFORE DELETE ON ledger_account
  EXECUTE FUNCTION ledger_rule('accounts are closed, never deleted');
CREATE TRIGGER transfers_are_never_truncated BEFORE TRUNCATE ON ledger_transfer
  EXECUTE FUNCTION ledger_rule('transfers are append-only');
CREATE TRIGGER entries_are_never_truncated BEFORE TRUNCATE ON ledger_entry
  EXECUTE FUNCTION ledger_rule('entries are append-only');
CREATE TRIGGER accounts_are_never_truncated BEFORE TRUNCATE ON ledger_account
  EXECUTE FUNCTION ledger_rule('accounts are closed, never deleted');

-- Entries and balances are written by ledger_post() alone: not by a statement (depth 0), and not by a trigger of
-- somebody's own (no mark). AFTER, where there is a row to look at, because a BEFORE trigger could still change it.

CREATE TRIGGER entry_is_written_by_its_transfer BEFORE INSERT ON ledger_entry FOR EACH STATEMENT
  WHEN (pg_trigger_depth() = 0 OR current_setting('ledger.posting', true) IS DISTINCT FROM 'on')
  EXECUTE FUNCTION ledger_rule('an entry is written by its transfer');
CREATE TRIGGER balance_moves_by_an_entry AFTER UPDATE ON ledger_account FOR EACH ROW
  WHEN ((pg_trigger_depth() = 0 OR current_setting('ledger.posting', true) IS DISTINCT FROM 'on')
    AND (OLD.balance, OLD.last_seq, OLD.last_posted_at, OLD.head)
      IS DISTINCT FROM (NEW.balance, NEW.last_seq, NEW.last_posted_at, NEW.head))
  EXECUTE FUNCTION ledger_rule('a balance moves by an entry');
CREATE TRIGGER new_account_is_empty AFTER INSERT ON ledger_account FOR EACH ROW
  WHEN (NEW.balance <> 0 OR NEW.last_seq <> 0 OR NEW.last_posted_at IS NOT NULL OR NEW.head <> decode(repeat('00', 32), 'hex'))
  EXECUTE FUNCTION ledger_rule('a new account is empty');
CREATE TRIGGER account_keeps_its_identity AFTER UPDATE ON ledger_account FOR EACH ROW
  WHEN ((OLD.id, OLD.number, OLD.owner_id, OLD.kind, OLD.currency, OLD.opened_at)
    IS DISTINCT FROM (NEW.id, NEW.number, NEW.owner_id, NEW.kind, NEW.currency, NEW.opened_at))
  EXECUTE FUNCTION ledger_rule('an account keeps its id, number, owner, kind, currency and opening time');
CREATE TRIGGER closed_account_stays_closed AFTER UPDATE ON ledger_account FOR EACH ROW
  WHEN (OLD.status = 'closed' AND NEW.status <> 'closed')
  EXECUTE FUNCTION ledger_rule('a closed account stays closed');

-- A reversal is the mirror image of one earlier transfer; that it is the only one is the unique index reversed_once.

CREATE FUNCTION ledger_reversal_mirrors_its_transfer() RETURNS trigger LANGUAGE plpgsql
  SET search_path = pg_catalog, public, pg_temp SET enable_seqscan = off AS $$
BEGIN
  IF NOT EXISTS (
    SELECT FROM ledger_transfer original
    WHERE original.id = NEW.reverses_id AND original.id <> NEW.id
      AND (original.amount, original.currency, original.debit_account_id, original.credit_account_id)
        = (NEW.amount, NEW.currency, NEW.credit_account_id, NEW.debit_account_id)
  ) THEN
    PERFORM ledger_refuse(TG_NAME, 'a reversal mirrors its transfer', 'transfer ' || NEW.id);
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER reversal_mirrors_its_transfer AFTER INSERT ON ledger_transfer FOR EACH ROW
  WHEN (NEW.reverses_id IS NOT NULL) EXECUTE FUNCTION ledger_reversal_mirrors_its_transfer();

-- The digest chain, in entry order: sha256(0x02 || the previous digest, or 32 zero bytes || the entry's bytes).

CREATE FUNCTION ledger_chain_step(digest bytea, head bytea, body bytea) RETURNS bytea LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$
BEGIN
  RETURN sha256('\x02'::bytea || coalesce(digest, head) || body);
END $$;
CREATE AGGREGATE ledger_chain(head bytea, body bytea) (SFUNC = ledger_chain_step, STYPE = bytea);

-- The one writer. For each new transfer its two entries, then the accounts they moved, in one statement that reads
-- accounts by key and nothing else: a sequential scan would lock the whole table against every other payment, so the
-- planner may not choose one.

CREATE FUNCTION ledger_post() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
  SET search_path = pg_catalog, public, pg_temp
  SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off
AS $$
BEGIN
  IF current_setting('transaction_isolation') <> 'serializable' THEN
    PERFORM ledger_refuse('posting_is_serializable', 'posting needs a serializable transaction', current_setting('transaction_isolation'));
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
    LEFT JOIN ledger_account a ON a.id = s.account_id
    WINDOW w AS (PARTITION BY s.account_id ORDER BY t.n ROWS UNBOUNDED PRECEDING)
  ), linked AS (
    SELECT *, ledger_chain(head,
        fingerprint || int8send(account_id) || int8send(seq) || letter || int8send(amount) || int8send(balance_after)
        || timestamptz_send(posted_at))
      OVER (PARTITION BY account_id ORDER BY seq ROWS UNBOUNDED PRECEDING) AS digest
    FROM leg
    WHERE CASE
      WHEN known IS NULL
        THEN ledger_refuse('leg_has_an_account', 'a leg has an account', 'account ' || account_id)
      WHEN currency <> account_currency
        THEN ledger_refuse('leg_has_its_accounts_currency', 'a leg has its account''s currency', 'transfer ' || transfer_id)
      WHEN status = 'closed'
        THEN ledger_refuse('closed_account_does_not_move', 'a closed account does not move', 'transfer ' || transfer_id)
      WHEN status = 'frozen' AND NOT rises
        THEN ledger_refuse('frozen_account_only_receives', 'a frozen account only receives', 'transfer ' || transfer_id)
      WHEN balance_after < floor AND NOT rises
        THEN ledger_refuse('balance_stays_above_its_floor', 'a balance stays above its floor', 'transfer ' || transfer_id)
      WHEN posted_at < not_before OR posted_at > clock_timestamp() + interval '1 minute'
        THEN ledger_refuse('entries_follow_time', 'an account''s entries are in order of time', 'transfer ' || transfer_id)
      ELSE true
    END
  ), written AS (
    INSERT INTO ledger_entry (account_id, seq, transfer_id, side, amount, balance_after, posted_at, digest)
    SELECT account_id, seq, transfer_id, side, amount, balance_after, posted_at, digest FROM linked
  )
  UPDATE ledger_account a
  SET balance = l.balance_after, last_seq = l.seq, last_posted_at = l.posted_at, head = l.digest
  FROM linked l
  WHERE a.id = l.account_id AND l.seq = l.newest;
  PERFORM set_config('ledger.posting', '', true);
  RETURN NULL;
END $$;
CREATE TRIGGER post_entries AFTER INSERT ON ledger_transfer REFERENCING NEW TABLE AS posted
  EXECUTE FUNCTION ledger_post();

-- An update of an account stays on its page, without touching an index.
ALTER TABLE ledger_account SET (fillfactor = 50);
