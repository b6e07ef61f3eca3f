-- What people work with, as one tree: decisions look at it alone. What is only one kind's own stands in a table of that kind.

-- In an organization, or in the personal space of its owner. `owner` is the account that owns it within the organization; without one the organization does.
-- `slug` is in small letters, and `search_name` is the name in small letters. `attributes` is a JSON object.
CREATE TABLE resource (
  id TEXT PRIMARY KEY NOT NULL,
  organization TEXT REFERENCES organization (id) ON DELETE CASCADE,
  owner TEXT REFERENCES account (id),
  type TEXT NOT NULL,
  parent TEXT REFERENCES resource (id) ON DELETE CASCADE,
  slug TEXT NOT NULL,
  name TEXT NOT NULL,
  search_name TEXT NOT NULL,
  description TEXT NOT NULL,
  visibility TEXT NOT NULL CHECK (visibility IN ('inherited', 'private', 'organization', 'public')),
  attributes TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  revision BIGINT NOT NULL,
  CHECK (organization IS NOT NULL OR owner IS NOT NULL),
  CHECK (type <> 'workspace' OR organization IS NOT NULL AND parent IS NULL),
  CHECK (type <> 'project' OR organization IS NOT NULL AND parent IS NOT NULL)
);
CREATE INDEX resource_list ON resource (organization, type, slug, id);
CREATE INDEX resource_owner ON resource (owner);
CREATE UNIQUE INDEX resource_slug ON resource (parent, type, slug);
-- Names of workspaces are unique in the whole installation: their servers and clients name them without an organization.
CREATE UNIQUE INDEX workspace_slug ON resource (slug) WHERE type = 'workspace';

-- `address` and `version` are empty until its server has reported. The key is a secret, of which the digest is kept.
CREATE TABLE workspace (
  resource TEXT PRIMARY KEY NOT NULL REFERENCES resource (id) ON DELETE CASCADE,
  kind TEXT NOT NULL CHECK (kind IN ('enrolled', 'managed')),
  desired TEXT NOT NULL CHECK (desired IN ('available', 'deactivated', 'deleted')),
  status TEXT NOT NULL CHECK (status IN ('not_initialized', 'pending', 'available', 'failed', 'deactivated', 'deleted')),
  reason TEXT NOT NULL,
  address TEXT NOT NULL,
  version TEXT NOT NULL,
  reported_at BIGINT,
  key_digest TEXT UNIQUE,
  key_hint TEXT NOT NULL,
  key_made_at BIGINT,
  CHECK ((key_digest IS NULL) = (key_made_at IS NULL))
);

-- In a project with `is_default`, who joins the organization is taken in with the default role.
CREATE TABLE project (
  resource TEXT PRIMARY KEY NOT NULL REFERENCES resource (id) ON DELETE CASCADE,
  is_default BIGINT NOT NULL CHECK (is_default IN (0, 1)),
  default_role TEXT NOT NULL
);
