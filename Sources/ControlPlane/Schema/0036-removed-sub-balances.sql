-- A sub-balance that was removed goes on to name its account in statements. Its `holder` is its own id then, so that whose it was can have another.
ALTER TABLE sub_balance ADD COLUMN removed_at BIGINT;
-- What was given back of usage, by whose share it was.
CREATE INDEX usage_charge_back ON usage_charge (log, account) WHERE amount < 0;
