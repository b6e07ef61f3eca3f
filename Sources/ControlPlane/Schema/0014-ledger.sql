-- Credits: the books of organizations. Amounts are in micro-credits.

-- An organization's books, with the number and the instant of their last entry; opened with the first credits.
CREATE TABLE ledger (
  organization TEXT PRIMARY KEY NOT NULL REFERENCES organization (id) ON DELETE CASCADE,
  -- Stands for the organization in the keys of all that is in its books.
  book BIGINT NOT NULL UNIQUE,
  sequence BIGINT NOT NULL CHECK (sequence >= 0),
  at BIGINT NOT NULL
);

-- `purpose` says what it is for; `parent` is that of an allowance, and `floor` is NULL where nothing limits.
CREATE TABLE ledger_account (
  book BIGINT NOT NULL REFERENCES ledger (book) ON DELETE CASCADE,
  number BIGINT NOT NULL,
  purpose TEXT NOT NULL CHECK (purpose IN ('balance', 'payments', 'promotions', 'corrections', 'used', 'lapsed', 'allotments', 'sub-balance')),
  kind TEXT NOT NULL CHECK (kind IN ('credit-funds', 'debit-funds', 'allowance', 'allotments')),
  parent BIGINT,
  floor BIGINT,
  balance BIGINT NOT NULL,
  held BIGINT NOT NULL CHECK (held >= 0),
  PRIMARY KEY (book, number),
  CHECK ((kind = 'allowance') = (parent IS NOT NULL))
) WITHOUT ROWID;

-- What was accepted, in its order and never changed. The accounts are fixed for good, so the postings of each level follow from `debit`, `credit` and `amount`:
-- what was moved, or what was set aside where a hold is made or released. `subject` is the hold that it ends or the transfer that it takes back.
CREATE TABLE ledger_entry (
  book BIGINT NOT NULL REFERENCES ledger (book) ON DELETE CASCADE,
  sequence BIGINT NOT NULL,
  id TEXT NOT NULL,
  at BIGINT NOT NULL,
  -- The first of those that were recorded together with it, and how many they are.
  first_link BIGINT NOT NULL,
  links BIGINT NOT NULL CHECK (links > 0),
  kind TEXT NOT NULL CHECK (kind IN ('post', 'spend', 'charge', 'hold', 'settle', 'release', 'reverse')),
  debit BIGINT NOT NULL,
  credit BIGINT NOT NULL,
  amount BIGINT NOT NULL CHECK (amount > 0),
  ceiling BIGINT,
  expires_at BIGINT,
  subject TEXT,
  -- Who asked for it, and what for.
  actor_kind TEXT NOT NULL,
  actor TEXT NOT NULL,
  note TEXT NOT NULL,
  PRIMARY KEY (book, sequence)
) WITHOUT ROWID;
CREATE UNIQUE INDEX ledger_entry_id ON ledger_entry (book, id);
CREATE UNIQUE INDEX ledger_entry_reversal ON ledger_entry (book, subject) WHERE kind = 'reverse';

-- The balance and what is held of it after the entries from `first` to `sequence`, of which at least one changed it.
CREATE TABLE ledger_balance (
  book BIGINT NOT NULL REFERENCES ledger (book) ON DELETE CASCADE,
  account BIGINT NOT NULL,
  sequence BIGINT NOT NULL,
  first BIGINT NOT NULL,
  at BIGINT NOT NULL,
  balance BIGINT NOT NULL,
  held BIGINT NOT NULL,
  PRIMARY KEY (book, account, sequence)
) WITHOUT ROWID;

-- `sequence` is that of the entry that made it.
CREATE TABLE ledger_hold (
  book BIGINT NOT NULL REFERENCES ledger (book) ON DELETE CASCADE,
  sequence BIGINT NOT NULL,
  id TEXT NOT NULL,
  debit BIGINT NOT NULL,
  credit BIGINT NOT NULL,
  amount BIGINT NOT NULL CHECK (amount > 0),
  ceiling BIGINT NOT NULL,
  made_at BIGINT NOT NULL,
  expires_at BIGINT NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('live', 'settled', 'released', 'expired')),
  settled BIGINT,
  ended_by TEXT,
  PRIMARY KEY (book, sequence),
  CHECK ((state = 'settled') = (settled IS NOT NULL)),
  CHECK ((state IN ('settled', 'released')) = (ended_by IS NOT NULL))
) WITHOUT ROWID;
CREATE UNIQUE INDEX ledger_hold_id ON ledger_hold (book, id);
CREATE INDEX ledger_hold_live ON ledger_hold (book, expires_at) WHERE state = 'live';

-- Credits that go first, may end, and may be for something alone. `scope` is a JSON array of accounts; `[]` is for everything.
CREATE TABLE credit_grant (
  id TEXT PRIMARY KEY NOT NULL,
  book BIGINT NOT NULL REFERENCES ledger (book) ON DELETE CASCADE,
  kind TEXT NOT NULL CHECK (kind IN ('paid', 'promotional')),
  sequence BIGINT NOT NULL,
  priority BIGINT NOT NULL,
  expires_at BIGINT,
  scope TEXT NOT NULL,
  granted BIGINT NOT NULL CHECK (granted > 0),
  remaining BIGINT NOT NULL CHECK (remaining BETWEEN 0 AND granted),
  note TEXT NOT NULL,
  created_at BIGINT NOT NULL
);
CREATE INDEX credit_grant_list ON credit_grant (book, created_at, id);
CREATE INDEX credit_grant_open ON credit_grant (book) WHERE remaining > 0;

-- Which grants gave how much to an entry, in their order.
CREATE TABLE credit_burn (
  book BIGINT NOT NULL REFERENCES ledger (book) ON DELETE CASCADE,
  sequence BIGINT NOT NULL,
  place BIGINT NOT NULL,
  credit_grant TEXT NOT NULL,
  amount BIGINT NOT NULL CHECK (amount > 0),
  PRIMARY KEY (book, sequence, place)
) WITHOUT ROWID;

-- What one holder may use of an organization's credits (an allowance), or credits of their own that were moved there (funds). `holder` is an id of ours, or the
-- name of a project or cluster as the platforms call it.
CREATE TABLE sub_balance (
  id TEXT PRIMARY KEY NOT NULL,
  organization TEXT NOT NULL REFERENCES organization (id) ON DELETE CASCADE,
  account BIGINT NOT NULL,
  holder_kind TEXT NOT NULL CHECK (holder_kind IN ('member', 'service-account', 'project', 'cluster')),
  holder TEXT NOT NULL,
  name TEXT NOT NULL,
  sort_name TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  revision BIGINT NOT NULL,
  UNIQUE (organization, account),
  UNIQUE (organization, holder_kind, holder)
);
CREATE INDEX sub_balance_list ON sub_balance (organization, holder_kind, sort_name, id);
