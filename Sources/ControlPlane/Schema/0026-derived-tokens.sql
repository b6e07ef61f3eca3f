-- Tokens of an hour that credentials are exchanged for, and what workspaces' servers are let do.

-- `source` is the digest of the secret that it stands for: it opens what that opens, as long as that does. With `workspace` it is good for signing in there alone.
CREATE TABLE derived_token (
  digest TEXT PRIMARY KEY NOT NULL,
  source_kind TEXT NOT NULL CHECK (source_kind IN ('session', 'token', 'key', 'workspace')),
  source TEXT NOT NULL,
  workspace TEXT REFERENCES workspace (resource) ON DELETE CASCADE,
  expires_at BIGINT NOT NULL
);
CREATE INDEX derived_token_expiry ON derived_token (expires_at);
CREATE INDEX derived_token_workspace ON derived_token (workspace);

-- Who was told that they may make a project on a workspace's server: it tells of the project afterwards, and not whose it is. `holder` is the id of an account
-- or of a service account.
CREATE TABLE project_intent (
  workspace TEXT NOT NULL REFERENCES workspace (resource) ON DELETE CASCADE,
  holder TEXT NOT NULL,
  at BIGINT NOT NULL,
  PRIMARY KEY (workspace, holder)
);
