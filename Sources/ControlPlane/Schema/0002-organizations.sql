-- Organizations, who belongs to them, and how people come in.

CREATE TABLE organization (
  id TEXT PRIMARY KEY NOT NULL,
  name TEXT NOT NULL,
  description TEXT NOT NULL,
  billing_email TEXT NOT NULL,
  accepts_requests BIGINT NOT NULL CHECK (accepts_requests IN (0, 1)),
  created_at BIGINT NOT NULL,
  suspended_at BIGINT,
  suspension_reason TEXT,
  deleted_at BIGINT,
  purge_at BIGINT,
  members BIGINT NOT NULL,
  revision BIGINT NOT NULL,
  CHECK ((deleted_at IS NULL) = (purge_at IS NULL))
);
CREATE INDEX organization_purge ON organization (purge_at) WHERE purge_at IS NOT NULL;

-- `roles` is sorted, the most powerful first, so an admin's begins with admin. `sort_name` and `search_text` repeat the account's, for lists of 100,000.
CREATE TABLE member (
  id TEXT PRIMARY KEY NOT NULL,
  organization TEXT NOT NULL REFERENCES organization (id) ON DELETE CASCADE,
  account TEXT NOT NULL REFERENCES account (id),
  roles TEXT NOT NULL,
  is_admin BIGINT NOT NULL CHECK (is_admin IN (0, 1)),
  source TEXT NOT NULL,
  since BIGINT NOT NULL,
  expires_at BIGINT,
  suspended_at BIGINT,
  sort_name TEXT NOT NULL,
  search_text TEXT NOT NULL,
  revision BIGINT NOT NULL,
  UNIQUE (organization, account)
);
CREATE INDEX member_account ON member (account);
CREATE INDEX member_by_name ON member (organization, sort_name, id);
CREATE INDEX member_by_since ON member (organization, since, id);
CREATE INDEX member_admins ON member (organization) WHERE is_admin = 1;

-- Who was removed or left, with what they held, until it is forgotten.
CREATE TABLE former_member (
  id TEXT PRIMARY KEY NOT NULL,
  organization TEXT NOT NULL REFERENCES organization (id) ON DELETE CASCADE,
  account TEXT NOT NULL REFERENCES account (id),
  roles TEXT NOT NULL,
  source TEXT NOT NULL,
  since BIGINT NOT NULL,
  left_at BIGINT NOT NULL,
  reason TEXT NOT NULL CHECK (reason IN ('removed', 'left')),
  forget_at BIGINT NOT NULL,
  UNIQUE (organization, account)
);
CREATE INDEX former_member_list ON former_member (organization, left_at, id);
CREATE INDEX former_member_forget ON former_member (forget_at);

CREATE TABLE invitation (
  id TEXT PRIMARY KEY NOT NULL,
  organization TEXT NOT NULL REFERENCES organization (id) ON DELETE CASCADE,
  address TEXT NOT NULL,
  roles TEXT NOT NULL,
  message TEXT NOT NULL,
  inviter TEXT NOT NULL REFERENCES account (id),
  digest TEXT NOT NULL UNIQUE,
  state TEXT NOT NULL CHECK (state IN ('pending', 'accepted', 'declined', 'cancelled')),
  created_at BIGINT NOT NULL,
  sent_at BIGINT NOT NULL,
  times_sent BIGINT NOT NULL,
  expires_at BIGINT NOT NULL,
  answered_at BIGINT,
  answered_by TEXT,
  revision BIGINT NOT NULL
);
CREATE UNIQUE INDEX invitation_open ON invitation (organization, address) WHERE state = 'pending';
CREATE INDEX invitation_inbox ON invitation (address, state);
CREATE INDEX invitation_list ON invitation (organization, created_at, id);

CREATE TABLE join_request (
  id TEXT PRIMARY KEY NOT NULL,
  organization TEXT NOT NULL REFERENCES organization (id) ON DELETE CASCADE,
  account TEXT NOT NULL REFERENCES account (id) ON DELETE CASCADE,
  message TEXT NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('pending', 'approved', 'refused', 'withdrawn')),
  created_at BIGINT NOT NULL,
  answered_at BIGINT,
  answered_by TEXT
);
CREATE UNIQUE INDEX join_request_open ON join_request (organization, account) WHERE state = 'pending';
CREATE INDEX join_request_list ON join_request (organization, created_at, id);
CREATE INDEX join_request_account ON join_request (account, created_at);
