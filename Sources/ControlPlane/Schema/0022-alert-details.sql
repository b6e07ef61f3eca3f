-- What an alert of a budget tells besides: what was used of it then, and when its period ends. NULL for others, and for what was told before.
ALTER TABLE alert ADD COLUMN spent BIGINT;
ALTER TABLE alert ADD COLUMN period_end BIGINT;
