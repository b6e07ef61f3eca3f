-- Programs that ask to be signed in by somebody at a browser (RFC 8628). Each goes when it was answered and fetched, or when its time is over.

-- `digest` is that of the secret with which the program asks again. `workspace` is the one that was chosen for it; `term` is for how many seconds it is signed in.
CREATE TABLE device_login (
  digest TEXT PRIMARY KEY NOT NULL,
  user_code TEXT NOT NULL UNIQUE,
  client TEXT NOT NULL,
  address TEXT NOT NULL,
  user_agent TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  expires_at BIGINT NOT NULL,
  asked_at BIGINT,
  state TEXT NOT NULL CHECK (state IN ('waiting', 'approved', 'refused')),
  account TEXT REFERENCES account (id) ON DELETE CASCADE,
  authenticated_at BIGINT,
  term BIGINT,
  workspace TEXT REFERENCES workspace (resource) ON DELETE SET NULL,
  CHECK (state <> 'approved' OR account IS NOT NULL AND authenticated_at IS NOT NULL AND term IS NOT NULL)
);
CREATE INDEX device_login_expiry ON device_login (expires_at);
CREATE INDEX device_login_account ON device_login (account);
CREATE INDEX device_login_workspace ON device_login (workspace);
