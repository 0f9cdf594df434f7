DROP FUNCTION ledger_set_status(bigint, text, uuid, text), ledger_set_floor(bigint, bigint, uuid, text),
  ledger_said_why(boolean, bigint), ledger_say_why(uuid, text);
DROP TRIGGER account_change_is_written_by_its_update ON ledger_account_change;
DROP TRIGGER account_changes_are_never_truncated ON ledger_account_change;
DROP TRIGGER account_changes_are_append_only ON ledger_account_change;
DROP TRIGGER record_change ON ledger_account;
DROP FUNCTION ledger_record_change();
DROP TRIGGER only_ruled_postings ON ledger_transfer;
DROP FUNCTION ledger_only_ruled_postings();
DROP FUNCTION ledger_open_system_account(text, text, text);
DROP TRIGGER only_plain_wallets ON ledger_account;
DROP FUNCTION ledger_only_plain_wallets();
DROP TRIGGER new_wallet_is_plain ON ledger_account;
DROP FUNCTION ledger_new_wallet_is_plain();
DROP FUNCTION ledger_owner();
DROP TABLE ledger_posting_rule;
DROP TABLE ledger_currency;
