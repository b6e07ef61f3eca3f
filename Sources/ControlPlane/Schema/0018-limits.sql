-- Limits: quotas and what is taken of them, budgets, and what is told of credits.

-- The latest instant at which anything was decided about an organization's leases: time doesn't go back for them, and who comes at the same time meets here.
CREATE TABLE quota_clock (
  organization TEXT PRIMARY KEY NOT NULL REFERENCES organization (id) ON DELETE CASCADE,
  at BIGINT NOT NULL,
  turns BIGINT NOT NULL
);

-- `holder` is the id of a member's account or of a service account, else empty; `cluster` is as its platform calls it, empty for all of them together; `most` is
-- NULL where nothing limits.
CREATE TABLE quota (
  id TEXT PRIMARY KEY NOT NULL,
  organization TEXT NOT NULL REFERENCES organization (id) ON DELETE CASCADE,
  dimension TEXT NOT NULL CHECK (dimension IN ('running-jobs', 'gpus', 'storage', 'seats')),
  subject TEXT NOT NULL CHECK (subject IN ('organization', 'each', 'member', 'service-account')),
  holder TEXT NOT NULL,
  name TEXT NOT NULL,
  cluster TEXT NOT NULL,
  most BIGINT CHECK (most >= 0),
  created_at BIGINT NOT NULL,
  revision BIGINT NOT NULL,
  UNIQUE (organization, dimension, subject, holder, cluster),
  CHECK ((subject IN ('member', 'service-account')) = (holder <> '')),
  CHECK (dimension <> 'seats' OR subject = 'organization' AND cluster = '')
);
CREATE INDEX quota_list ON quota (organization, dimension, subject, name, id);
CREATE INDEX quota_holder ON quota (organization, holder, cluster);

-- What is taken of quotas for a while. Ids are the clients' own. One that nobody released ends by itself at `expires_at`.
CREATE TABLE lease (
  organization TEXT NOT NULL REFERENCES organization (id) ON DELETE CASCADE,
  id TEXT NOT NULL,
  holder_kind TEXT NOT NULL CHECK (holder_kind IN ('member', 'service-account')),
  holder TEXT NOT NULL,
  name TEXT NOT NULL,
  cluster TEXT NOT NULL,
  running_jobs BIGINT NOT NULL CHECK (running_jobs >= 0),
  gpus BIGINT NOT NULL CHECK (gpus >= 0),
  storage BIGINT NOT NULL CHECK (storage >= 0),
  note TEXT NOT NULL,
  -- Who took it.
  actor_kind TEXT NOT NULL,
  actor TEXT NOT NULL,
  since BIGINT NOT NULL,
  -- For how many seconds at first.
  term BIGINT NOT NULL,
  expires_at BIGINT NOT NULL,
  released_at BIGINT,
  PRIMARY KEY (organization, id)
) WITHOUT ROWID;
CREATE INDEX lease_list ON lease (organization, since, id);
CREATE INDEX lease_live ON lease (organization, expires_at) WHERE released_at IS NULL;

-- How much may be used for something in a period. `holder` is an id of ours, or the name of a project or cluster as the platforms call it; empty for the whole
-- organization. From `soft` on somebody is told, beyond `hard` nothing new begins; what was used and what live holds set aside in the present period are kept here.
CREATE TABLE budget (
  id TEXT PRIMARY KEY NOT NULL,
  organization TEXT NOT NULL REFERENCES organization (id) ON DELETE CASCADE,
  subject TEXT NOT NULL CHECK (subject IN ('organization', 'team', 'member', 'service-account', 'project', 'cluster', 'token')),
  holder TEXT NOT NULL,
  name TEXT NOT NULL,
  period TEXT NOT NULL CHECK (period IN ('day', 'week', 'month', 'none')),
  soft BIGINT CHECK (soft > 0),
  hard BIGINT CHECK (hard >= 0),
  period_start BIGINT NOT NULL,
  period_end BIGINT NOT NULL,
  spent BIGINT NOT NULL CHECK (spent >= 0),
  held BIGINT NOT NULL CHECK (held >= 0),
  told_soft BIGINT NOT NULL CHECK (told_soft IN (0, 1)),
  told_hard BIGINT NOT NULL CHECK (told_hard IN (0, 1)),
  created_at BIGINT NOT NULL,
  revision BIGINT NOT NULL,
  UNIQUE (organization, subject, holder, period),
  CHECK (soft IS NOT NULL OR hard IS NOT NULL),
  CHECK ((subject = 'organization') = (holder = ''))
);
CREATE INDEX budget_list ON budget (organization, subject, name, id);

-- Periods that are over.
CREATE TABLE budget_period (
  budget TEXT NOT NULL REFERENCES budget (id) ON DELETE CASCADE,
  period_start BIGINT NOT NULL,
  period_end BIGINT NOT NULL,
  spent BIGINT NOT NULL,
  PRIMARY KEY (budget, period_start)
) WITHOUT ROWID;

-- In which budgets a transfer counted how much, for what ends it or takes it back.
CREATE TABLE budget_count (
  book BIGINT NOT NULL REFERENCES ledger (book) ON DELETE CASCADE,
  transfer TEXT NOT NULL,
  budget TEXT NOT NULL REFERENCES budget (id) ON DELETE CASCADE,
  amount BIGINT NOT NULL CHECK (amount > 0),
  is_hold BIGINT NOT NULL CHECK (is_hold IN (0, 1)),
  period_start BIGINT NOT NULL,
  PRIMARY KEY (book, transfer, budget)
) WITHOUT ROWID;
CREATE INDEX budget_count_budget ON budget_count (budget);

-- How fast an organization's balance is used: what was used in the present stretch of a day and in the one before. `due_at` is when a job looks again, NULL where
-- nothing changes by itself.
CREATE TABLE credit_watch (
  organization TEXT PRIMARY KEY NOT NULL REFERENCES organization (id) ON DELETE CASCADE,
  start BIGINT NOT NULL,
  used BIGINT NOT NULL,
  used_before BIGINT NOT NULL,
  due_at BIGINT
);
CREATE INDEX credit_watch_due ON credit_watch (due_at) WHERE due_at IS NOT NULL;

-- When somebody is told of an organization's credits; `is_told` is whether this crossing was told already.
CREATE TABLE alert_rule (
  id TEXT PRIMARY KEY NOT NULL,
  organization TEXT NOT NULL REFERENCES organization (id) ON DELETE CASCADE,
  condition TEXT NOT NULL CHECK (condition IN ('amount', 'runway', 'depleted', 'recovered')),
  amount BIGINT,
  seconds BIGINT,
  is_told BIGINT NOT NULL CHECK (is_told IN (0, 1)),
  created_at BIGINT NOT NULL,
  CHECK ((condition = 'amount') = (amount IS NOT NULL)),
  CHECK ((condition = 'runway') = (seconds IS NOT NULL))
);
CREATE INDEX alert_rule_list ON alert_rule (organization, created_at, id);

-- What was told, and until when it held. `amount` is the one that was crossed; `mailed_at` is NULL until mails are on their way.
CREATE TABLE alert (
  id TEXT PRIMARY KEY NOT NULL,
  organization TEXT NOT NULL REFERENCES organization (id) ON DELETE CASCADE,
  kind TEXT NOT NULL CHECK (kind IN ('amount', 'runway', 'depleted', 'recovered', 'budget-soft', 'budget-hard')),
  rule TEXT,
  budget TEXT,
  name TEXT NOT NULL,
  amount BIGINT,
  seconds BIGINT,
  balance BIGINT NOT NULL,
  at BIGINT NOT NULL,
  ended_at BIGINT,
  mailed_at BIGINT
);
CREATE INDEX alert_list ON alert (organization, at, id);
CREATE INDEX alert_open ON alert (organization) WHERE ended_at IS NULL;
CREATE INDEX alert_unmailed ON alert (at) WHERE mailed_at IS NULL;
