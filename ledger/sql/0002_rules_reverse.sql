ALTER TABLE ledger_account RESET (fillfactor);
DROP TRIGGER post_entries ON ledger_transfer;
DROP FUNCTION ledger_post();
DROP AGGREGATE ledger_chain(bytea, bytea);
DROP FUNCTION ledger_chain_step(bytea, bytea, bytea);
DROP TRIGGER reversal_mirrors_its_transfer ON ledger_transfer;
DROP FUNCTION ledger_reversal_mirrors_its_transfer();
DROP FUNCTION ledger_rule() CASCADE;
DROP FUNCTION ledger_refuse(text, text, text);
