DROP TRIGGER reversal_follows_its_transfer ON ledger_transfer;
DROP FUNCTION ledger_reversal_follows_its_transfer();
DROP TRIGGER hot_account_cools_down ON ledger_hot_account;
DROP TRIGGER number_has_check_digits ON ledger_account;
