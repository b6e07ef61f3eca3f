-- Outside collaborators: people who aren't members and have a role on one app.

-- An invitation and what comes of it are one row, which ends with the app, the account and the role that it is about. It was sent to `address`, or to the
-- account itself, which stands here from the start then; else the account does from the acceptance on. `digest` is of the link's secret, which is good until
-- `answer_by`. `role` repeats a custom role. From `expires_at` on the access counts for nothing. `sort_name` repeats the person's name, or the address, for
-- lists, and `inviter_name` what the inviter was called.
CREATE TABLE collaborator (
  id TEXT PRIMARY KEY NOT NULL,
  organization TEXT NOT NULL REFERENCES organization (id) ON DELETE CASCADE,
  app TEXT NOT NULL REFERENCES resource (id) ON DELETE CASCADE,
  account TEXT REFERENCES account (id) ON DELETE CASCADE,
  address TEXT,
  role TEXT NOT NULL,
  custom_role TEXT REFERENCES custom_role (id) ON DELETE CASCADE,
  expires_at BIGINT,
  message TEXT NOT NULL,
  inviter TEXT NOT NULL,
  inviter_name TEXT NOT NULL,
  digest TEXT UNIQUE,
  answer_by BIGINT,
  since BIGINT,
  sort_name TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  sent_at BIGINT NOT NULL,
  revision BIGINT NOT NULL,
  CHECK (account IS NOT NULL OR address IS NOT NULL),
  CHECK ((since IS NULL) = (answer_by IS NOT NULL)),
  CHECK (since IS NULL OR account IS NOT NULL),
  UNIQUE (app, account),
  UNIQUE (app, address)
);
CREATE INDEX collaborator_list ON collaborator (organization, sort_name, id);
CREATE INDEX collaborator_app ON collaborator (app, sort_name, id);
CREATE INDEX collaborator_account ON collaborator (account, organization) WHERE account IS NOT NULL;
CREATE INDEX collaborator_address ON collaborator (address) WHERE address IS NOT NULL;
CREATE INDEX collaborator_custom_role ON collaborator (custom_role) WHERE custom_role IS NOT NULL;
