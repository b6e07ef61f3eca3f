-- Usage and what it costs. Quantities are in millionths of their unit, amounts in micro-credits.

-- A price from `since` on, for everybody or agreed with one organization; `preset` is empty for any. `per` is how much the prices are for, and `tiers` a JSON
-- array of pairs: up to which quantity (null for all the rest), and the price; empty where there is none from then on. `number` stands for it in events.
CREATE TABLE price (
  number BIGINT PRIMARY KEY NOT NULL,
  id TEXT NOT NULL UNIQUE,
  organization TEXT REFERENCES organization (id) ON DELETE CASCADE,
  resource TEXT NOT NULL,
  preset TEXT NOT NULL,
  since BIGINT NOT NULL,
  unit TEXT NOT NULL,
  per BIGINT NOT NULL CHECK (per > 0),
  tiers TEXT NOT NULL,
  note TEXT NOT NULL,
  created_at BIGINT NOT NULL
);
CREATE UNIQUE INDEX price_for_all ON price (resource, preset, since) WHERE organization IS NULL;
CREATE UNIQUE INDEX price_agreed ON price (organization, resource, preset, since) WHERE organization IS NOT NULL;

-- What was recorded of an organization: the number of its last event; begun with the first.
CREATE TABLE usage_log (
  organization TEXT PRIMARY KEY NOT NULL REFERENCES organization (id) ON DELETE CASCADE,
  -- Stands for the organization in the keys of all that was recorded of it.
  log BIGINT NOT NULL UNIQUE,
  sequence BIGINT NOT NULL CHECK (sequence >= 0)
);

-- Who measured.
CREATE TABLE usage_source (
  log BIGINT NOT NULL REFERENCES usage_log (log) ON DELETE CASCADE,
  number BIGINT NOT NULL,
  name TEXT NOT NULL,
  PRIMARY KEY (log, number),
  UNIQUE (log, name)
) WITHOUT ROWID;

-- What events have in common: whose, what for, where, of what. Empty where nothing was said; `holder` is the id of an account or service account. `key` is all of
-- it in one text.
CREATE TABLE usage_series (
  log BIGINT NOT NULL REFERENCES usage_log (log) ON DELETE CASCADE,
  number BIGINT NOT NULL,
  key TEXT NOT NULL,
  holder_kind TEXT NOT NULL CHECK (holder_kind IN ('', 'member', 'service-account')),
  holder TEXT NOT NULL,
  project TEXT NOT NULL,
  cluster TEXT NOT NULL,
  resource TEXT NOT NULL,
  preset TEXT NOT NULL,
  unit TEXT NOT NULL,
  sub_balance TEXT NOT NULL,
  PRIMARY KEY (log, number),
  UNIQUE (log, key)
) WITHOUT ROWID;

-- What was used, in the order in which it was recorded and never changed. `corrects` is the number of the event that it takes back: then quantity and charge are
-- below zero. `price` is that by which it was charged, and `account` the one in the organization's books; NULL where nothing had a price.
CREATE TABLE usage_event (
  log BIGINT NOT NULL REFERENCES usage_log (log) ON DELETE CASCADE,
  sequence BIGINT NOT NULL,
  source BIGINT NOT NULL,
  id TEXT NOT NULL,
  at BIGINT NOT NULL,
  series BIGINT NOT NULL,
  quantity BIGINT NOT NULL,
  price BIGINT,
  account BIGINT,
  charge BIGINT NOT NULL,
  corrects BIGINT,
  PRIMARY KEY (log, sequence),
  CHECK ((corrects IS NULL AND quantity > 0) OR (corrects IS NOT NULL AND quantity < 0)),
  CHECK ((price IS NULL) = (account IS NULL))
) WITHOUT ROWID;
CREATE UNIQUE INDEX usage_event_id ON usage_event (log, source, id);
CREATE UNIQUE INDEX usage_event_correction ON usage_event (log, corrects) WHERE corrects IS NOT NULL;

-- Who recorded the events from `first` to `last`, and when.
CREATE TABLE usage_receipt (
  log BIGINT NOT NULL REFERENCES usage_log (log) ON DELETE CASCADE,
  last BIGINT NOT NULL,
  first BIGINT NOT NULL,
  at BIGINT NOT NULL,
  actor_kind TEXT NOT NULL,
  actor TEXT NOT NULL,
  PRIMARY KEY (log, last)
) WITHOUT ROWID;
CREATE INDEX usage_receipt_time ON usage_receipt (log, at);

-- What of the receipt's events was charged to an account of the organization's books, or given back to it, by which transfer.
CREATE TABLE usage_charge (
  log BIGINT NOT NULL REFERENCES usage_log (log) ON DELETE CASCADE,
  receipt BIGINT NOT NULL,
  transfer TEXT NOT NULL,
  account BIGINT NOT NULL,
  amount BIGINT NOT NULL CHECK (amount <> 0),
  PRIMARY KEY (log, receipt, transfer)
) WITHOUT ROWID;

-- What was used of one price (its number), or of what has none, in one month: charges are what the price of that grows by.
CREATE TABLE usage_meter (
  log BIGINT NOT NULL REFERENCES usage_log (log) ON DELETE CASCADE,
  month BIGINT NOT NULL,
  meter TEXT NOT NULL,
  quantity BIGINT NOT NULL CHECK (quantity >= 0),
  charge BIGINT NOT NULL CHECK (charge >= 0),
  PRIMARY KEY (log, month, meter)
) WITHOUT ROWID;

-- Sums of events by the hour, the day and the month in which they were used, kept with them.
CREATE TABLE usage_rollup (
  log BIGINT NOT NULL REFERENCES usage_log (log) ON DELETE CASCADE,
  span TEXT NOT NULL CHECK (span IN ('hour', 'day', 'month')),
  start BIGINT NOT NULL,
  series BIGINT NOT NULL,
  quantity BIGINT NOT NULL,
  charge BIGINT NOT NULL,
  events BIGINT NOT NULL,
  PRIMARY KEY (log, span, start, series)
) WITHOUT ROWID;
