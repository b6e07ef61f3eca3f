-- The one log, and what goes out because of it.

-- One chain of hashes a stream: an organization, an account, or the installation.
CREATE TABLE event_head (
  stream TEXT PRIMARY KEY NOT NULL,
  sequence BIGINT NOT NULL,
  hash TEXT NOT NULL
);

CREATE TABLE event (
  stream TEXT NOT NULL,
  sequence BIGINT NOT NULL,
  id TEXT NOT NULL,
  at BIGINT NOT NULL,
  action TEXT NOT NULL,
  outcome TEXT NOT NULL CHECK (outcome IN ('allowed', 'refused')),
  reason TEXT NOT NULL,
  actor_kind TEXT NOT NULL CHECK (actor_kind IN ('account', 'system', 'anonymous')),
  actor TEXT NOT NULL,
  actor_name TEXT NOT NULL,
  via TEXT NOT NULL,
  target_kind TEXT NOT NULL,
  target TEXT NOT NULL,
  target_name TEXT NOT NULL,
  changes TEXT NOT NULL,
  address TEXT NOT NULL,
  user_agent TEXT NOT NULL,
  request_id TEXT NOT NULL,
  previous TEXT NOT NULL,
  hash TEXT NOT NULL,
  PRIMARY KEY (stream, sequence)
);
CREATE INDEX event_action ON event (stream, action, sequence);
CREATE INDEX event_actor ON event (stream, actor, sequence);
CREATE INDEX event_target ON event (stream, target, sequence);

CREATE TABLE mail (
  id TEXT PRIMARY KEY NOT NULL,
  organization TEXT,
  purpose TEXT NOT NULL,
  recipient TEXT NOT NULL,
  recipient_name TEXT NOT NULL,
  subject TEXT NOT NULL,
  content TEXT NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('waiting', 'sent', 'failed')),
  created_at BIGINT NOT NULL,
  due_at BIGINT NOT NULL,
  attempts BIGINT NOT NULL,
  sent_at BIGINT,
  last_error TEXT
);
CREATE INDEX mail_due ON mail (due_at) WHERE state = 'waiting';
CREATE INDEX mail_list ON mail (created_at, id);

-- Which process runs a job, until when nobody else may.
CREATE TABLE job_claim (
  name TEXT PRIMARY KEY NOT NULL,
  holder TEXT NOT NULL,
  until BIGINT NOT NULL
);
