-- The log over transfers: a Merkle tree (RFC 9162) that only grows. docs/log-encoding.md has the bytes. Leaves are appended
-- by ledger_log_append() alone, and the nodes above them are derived by a trigger, as entries are from transfers.

SET LOCAL search_path = pg_catalog, pg_temp;

-- Empty: to LOCK. Who appends holds it until the commit, so that of two one goes on where the other ended.
CREATE TABLE public.ledger_log_turn ();

CREATE TRIGGER log_leaves_are_append_only BEFORE UPDATE OR DELETE ON public.ledger_log_leaf
  EXECUTE FUNCTION public.ledger_rule('the log is append-only');
CREATE TRIGGER log_leaves_are_never_truncated BEFORE TRUNCATE ON public.ledger_log_leaf
  EXECUTE FUNCTION public.ledger_rule('the log is append-only');
CREATE TRIGGER log_leaf_is_written_by_the_log BEFORE INSERT ON public.ledger_log_leaf FOR EACH STATEMENT
  WHEN (current_setting('ledger.logging', true) IS DISTINCT FROM 'on')
  EXECUTE FUNCTION public.ledger_rule('a leaf is written by ledger_log_append()');
CREATE TRIGGER log_nodes_are_append_only BEFORE UPDATE OR DELETE ON public.ledger_log_node
  EXECUTE FUNCTION public.ledger_rule('the log is append-only');
CREATE TRIGGER log_nodes_are_never_truncated BEFORE TRUNCATE ON public.ledger_log_node
  EXECUTE FUNCTION public.ledger_rule('the log is append-only');
CREATE TRIGGER log_node_is_written_by_its_leaves BEFORE INSERT ON public.ledger_log_node FOR EACH STATEMENT
  WHEN (pg_trigger_depth() = 0) EXECUTE FUNCTION public.ledger_rule('a node of the log is written by its leaves');
CREATE TRIGGER log_checkpoints_are_append_only BEFORE UPDATE OR DELETE ON public.ledger_log_checkpoint
  EXECUTE FUNCTION public.ledger_rule('checkpoints of the log are append-only');
CREATE TRIGGER log_checkpoints_are_never_truncated BEFORE TRUNCATE ON public.ledger_log_checkpoint
  EXECUTE FUNCTION public.ledger_rule('checkpoints of the log are append-only');
CREATE TRIGGER log_cosignatures_are_append_only BEFORE UPDATE OR DELETE ON public.ledger_log_cosignature
  EXECUTE FUNCTION public.ledger_rule('cosignatures are append-only');
CREATE TRIGGER log_cosignatures_are_never_truncated BEFORE TRUNCATE ON public.ledger_log_cosignature
  EXECUTE FUNCTION public.ledger_rule('cosignatures are append-only');

-- The root over 256 hashes, or any other power of two of them.
CREATE FUNCTION public.ledger_log_root(hashes bytea[]) RETURNS bytea LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE
  SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  width integer := cardinality(hashes);
BEGIN
  WHILE width > 1 LOOP
    width := width / 2;
    FOR i IN 1..width LOOP
      hashes[i] := sha256('\x01'::bytea || hashes[2 * i - 1] || hashes[2 * i]);
    END LOOP;
  END LOOP;
  RETURN hashes[1];
END $$;

CREATE FUNCTION public.ledger_log_grow() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
  SET search_path = pg_catalog, pg_temp SET enable_seqscan = off AS $$
DECLARE
  low bigint;
  past bigint;  -- the first index that is not there
  many bigint;
BEGIN
  IF TG_RELID <> 'public.ledger_log_leaf'::regclass THEN
    PERFORM public.ledger_refuse(TG_NAME, 'the log grows by its own leaves', TG_RELID::regclass::text);
  END IF;
  SELECT min(index), max(index) + 1, count(*) INTO low, past, many FROM added;
  IF many = 0 THEN
    RETURN NULL;
  END IF;
  IF past - low <> many OR low <> 0 AND NOT EXISTS (SELECT FROM public.ledger_log_leaf WHERE index = low - 1) THEN
    PERFORM public.ledger_refuse('log_has_no_gap', 'a leaf follows the one before it', 'leaf ' || low);
  END IF;
  INSERT INTO public.ledger_log_node (level, index, hash)
  SELECT 1, index / 256, public.ledger_log_root(array_agg(hash ORDER BY index)) FROM public.ledger_log_leaf
  WHERE index >= low / 256 * 256 AND index < past / 256 * 256 GROUP BY index / 256;
  FOR above IN 2..7 LOOP
    low := low / 256;
    past := past / 256;
    EXIT WHEN low / 256 = past / 256;
    INSERT INTO public.ledger_log_node (level, index, hash)
    SELECT above, index / 256, public.ledger_log_root(array_agg(hash ORDER BY index)) FROM public.ledger_log_node
    WHERE level = above - 1 AND index >= low / 256 * 256 AND index < past / 256 * 256 GROUP BY index / 256;
  END LOOP;
  RETURN NULL;
END $$;
CREATE TRIGGER log_grows AFTER INSERT ON public.ledger_log_leaf REFERENCING NEW TABLE AS added
  EXECUTE FUNCTION public.ledger_log_grow();

-- Those of the transfers that are in the books and not yet in the log, in order of time among them; how many they were.
-- Each statement in here sees what was committed before it, and so, behind the lock, all that was appended before.
CREATE FUNCTION public.ledger_log_append(transfers uuid[]) RETURNS bigint LANGUAGE plpgsql SECURITY DEFINER
  SET search_path = pg_catalog, pg_temp SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off AS $$
DECLARE
  size bigint;
  appended bigint;
BEGIN
  IF current_setting('transaction_isolation') <> 'read committed' THEN
    PERFORM public.ledger_refuse('log_is_appended_to_as_it_is', 'the log is appended to in a read committed transaction',
      current_setting('transaction_isolation'));
  END IF;
  LOCK TABLE public.ledger_log_turn IN EXCLUSIVE MODE;
  SELECT coalesce(max(index) + 1, 0) INTO size FROM public.ledger_log_leaf;
  PERFORM set_config('ledger.logging', 'on', true);
  WITH fresh AS MATERIALIZED (
    SELECT t.id, t.fingerprint, t.posted_at, uuid_send(gen_random_uuid()) AS salt
    FROM public.ledger_transfer t
    WHERE t.id = ANY (transfers) AND NOT EXISTS (SELECT FROM public.ledger_log_leaf l WHERE l.transfer_id = t.id)
  )
  INSERT INTO public.ledger_log_leaf (index, transfer_id, salt, hash)
  SELECT size - 1 + row_number() OVER (ORDER BY posted_at, id), id, salt,
    sha256('\x0001'::bytea || fingerprint || timestamptz_send(posted_at) || salt) FROM fresh;
  GET DIAGNOSTICS appended = ROW_COUNT;
  PERFORM set_config('ledger.logging', '', true);
  RETURN appended;
END $$;

-- Whoever may write checkpoints cannot write one of what is not there, or of the past.
CREATE FUNCTION public.ledger_log_checkpoint_grows() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
  SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  IF TG_RELID <> 'public.ledger_log_checkpoint'::regclass THEN
    PERFORM public.ledger_refuse(TG_NAME, 'the log has one table of checkpoints', TG_RELID::regclass::text);
  END IF;
  LOCK TABLE public.ledger_log_turn IN EXCLUSIVE MODE;
  IF EXISTS (SELECT FROM public.ledger_log_checkpoint WHERE size > NEW.size)
    OR NOT EXISTS (SELECT FROM public.ledger_log_leaf WHERE index = NEW.size - 1)
    OR length(NEW.root) <> 32
    OR position(E'\n' || NEW.size || E'\n' || encode(NEW.root, 'base64') || E'\n\n' IN NEW.note) = 0
  THEN
    PERFORM public.ledger_refuse(TG_NAME, 'a checkpoint is of the log, and later than the one before', 'size ' || NEW.size);
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER log_checkpoint_grows AFTER INSERT ON public.ledger_log_checkpoint FOR EACH ROW
  EXECUTE FUNCTION public.ledger_log_checkpoint_grows();

REVOKE ALL ON FUNCTION public.ledger_log_root(bytea[]), public.ledger_log_grow(), public.ledger_log_append(uuid[]),
  public.ledger_log_checkpoint_grows() FROM PUBLIC;

SET LOCAL search_path TO DEFAULT;
