-- The canonical bytes of a transfer, hashed: docs/ledger-encoding.md describes them, ledger/encoding.py writes the same.

CREATE FUNCTION ledger_fingerprint(
  id uuid, debit bigint, credit bigint, amount bigint, currency text, kind text, memo text,
  initiated_by uuid, reverses uuid, batch uuid
) RETURNS bytea LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$
DECLARE
  nobody CONSTANT uuid := '00000000-0000-0000-0000-000000000000';
  currency_bytes CONSTANT bytea := pg_catalog.convert_to(currency, 'UTF8');
  kind_bytes CONSTANT bytea := pg_catalog.convert_to(kind, 'UTF8');
  memo_bytes CONSTANT bytea := pg_catalog.convert_to(memo, 'UTF8');
BEGIN
  RETURN pg_catalog.sha256(
    '\x01'::bytea || uuid_send(id) || int8send(debit) || int8send(credit) || int8send(amount)
    || int4send(octet_length(currency_bytes)) || currency_bytes
    || int4send(octet_length(kind_bytes)) || kind_bytes
    || int4send(octet_length(memo_bytes)) || memo_bytes
    || uuid_send(coalesce(initiated_by, nobody)) || uuid_send(coalesce(reverses, nobody)) || uuid_send(coalesce(batch, nobody))
  );
END $$;
