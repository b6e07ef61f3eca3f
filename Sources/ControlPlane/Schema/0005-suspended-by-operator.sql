-- An operator's suspension is lifted by operators alone.

ALTER TABLE organization ADD COLUMN suspended_by_operator BIGINT NOT NULL DEFAULT 0 CHECK (suspended_by_operator IN (0, 1));
