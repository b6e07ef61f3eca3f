-- People, how they sign in, and the one name space they share with organizations.

CREATE TABLE account (
  id TEXT PRIMARY KEY NOT NULL,
  name TEXT NOT NULL,
  password TEXT,
  active BIGINT NOT NULL CHECK (active IN (0, 1)),
  super_user BIGINT NOT NULL CHECK (super_user IN (0, 1)),
  created_at BIGINT NOT NULL,
  deleted_at BIGINT,
  revision BIGINT NOT NULL
);

-- Handles and slugs, present and former. A key is never given to another owner.
CREATE TABLE name (
  key TEXT PRIMARY KEY NOT NULL,
  text TEXT NOT NULL,
  kind TEXT NOT NULL CHECK (kind IN ('account', 'organization')),
  owner TEXT NOT NULL,
  current BIGINT NOT NULL CHECK (current IN (0, 1)),
  since BIGINT NOT NULL
);
CREATE UNIQUE INDEX name_current ON name (owner) WHERE current = 1;

CREATE TABLE account_email (
  id TEXT PRIMARY KEY NOT NULL,
  account TEXT NOT NULL REFERENCES account (id) ON DELETE CASCADE,
  address TEXT NOT NULL UNIQUE,
  verified_at BIGINT,
  is_primary BIGINT NOT NULL CHECK (is_primary IN (0, 1)),
  created_at BIGINT NOT NULL
);
CREATE INDEX account_email_account ON account_email (account);
CREATE UNIQUE INDEX account_email_primary ON account_email (account) WHERE is_primary = 1;

CREATE TABLE session (
  id TEXT PRIMARY KEY NOT NULL,
  account TEXT NOT NULL REFERENCES account (id) ON DELETE CASCADE,
  digest TEXT NOT NULL UNIQUE,
  created_at BIGINT NOT NULL,
  authenticated_at BIGINT NOT NULL,
  used_at BIGINT NOT NULL,
  idle_at BIGINT NOT NULL,
  expires_at BIGINT NOT NULL,
  address TEXT NOT NULL,
  user_agent TEXT NOT NULL
);
CREATE INDEX session_account ON session (account, created_at);
CREATE INDEX session_expires ON session (expires_at);

-- Secrets that open one thing once: they come in mails.
CREATE TABLE ticket (
  digest TEXT PRIMARY KEY NOT NULL,
  purpose TEXT NOT NULL CHECK (purpose IN ('email-verification', 'password-reset', 'sign-in', 'organization-restore')),
  account TEXT NOT NULL,
  subject TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  expires_at BIGINT NOT NULL,
  used_at BIGINT
);
CREATE INDEX ticket_account ON ticket (account, purpose);

CREATE TABLE access_token (
  id TEXT PRIMARY KEY NOT NULL,
  account TEXT NOT NULL REFERENCES account (id) ON DELETE CASCADE,
  organization TEXT,
  name TEXT NOT NULL,
  digest TEXT NOT NULL UNIQUE,
  hint TEXT NOT NULL,
  scopes TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  expires_at BIGINT,
  used_at BIGINT,
  revoked_at BIGINT
);
CREATE INDEX access_token_account ON access_token (account, created_at);

-- What is remembered of attempts at something, by key: when the last was, and when all will be forgotten.
CREATE TABLE throttle (
  key TEXT PRIMARY KEY NOT NULL,
  tried_at BIGINT NOT NULL,
  clears_at BIGINT NOT NULL
);
CREATE INDEX throttle_clears ON throttle (clears_at);

CREATE TABLE installation_setting (
  name TEXT PRIMARY KEY NOT NULL,
  value TEXT NOT NULL
);
