-- Sign-ins of programs that somebody allowed in the browser, until the program fetches them: a few minutes, and once.
CREATE TABLE code_login (
  digest TEXT PRIMARY KEY NOT NULL,
  account TEXT NOT NULL REFERENCES account (id) ON DELETE CASCADE,
  client TEXT NOT NULL,
  redirect TEXT NOT NULL,
  challenge TEXT NOT NULL,
  expires_at BIGINT NOT NULL
);
CREATE INDEX code_login_account ON code_login (account);
CREATE INDEX code_login_end ON code_login (expires_at);
