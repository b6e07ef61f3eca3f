-- Who may do what, as decisions follow it, and the policies that they obey.

-- Counts the changes of an organization's facts, from an instant in milliseconds on: numbers of an organization that was purged never come back.
CREATE TABLE access_head (
  organization TEXT PRIMARY KEY NOT NULL REFERENCES organization (id) ON DELETE CASCADE,
  revision BIGINT NOT NULL
);

-- What each of the last changes was about, without gaps: who keeps the facts in memory reads again what is named here, and everything after a gap.
CREATE TABLE access_change (
  organization TEXT NOT NULL REFERENCES organization (id) ON DELETE CASCADE,
  revision BIGINT NOT NULL,
  kind TEXT NOT NULL CHECK (kind IN ('account', 'member', 'service-account', 'team', 'resource', 'passages', 'team-grant', 'policies', 'everything')),
  subject TEXT NOT NULL,
  beside TEXT NOT NULL,
  PRIMARY KEY (organization, revision)
);

-- `slug` is in small letters. `names` holds a line for each name in the text: what it is, what it is called, and the id of whom it meant when it was saved.
CREATE TABLE policy (
  id TEXT PRIMARY KEY NOT NULL,
  organization TEXT NOT NULL REFERENCES organization (id) ON DELETE CASCADE,
  slug TEXT NOT NULL,
  name TEXT NOT NULL,
  search_name TEXT NOT NULL,
  description TEXT NOT NULL,
  text TEXT NOT NULL,
  names TEXT NOT NULL,
  enabled BIGINT NOT NULL CHECK (enabled IN (0, 1)),
  created_at BIGINT NOT NULL,
  changed_at BIGINT NOT NULL,
  changed_by TEXT NOT NULL,
  revision BIGINT NOT NULL,
  UNIQUE (organization, slug)
);

-- What a policy was, each time it was changed.
CREATE TABLE policy_version (
  policy TEXT NOT NULL REFERENCES policy (id) ON DELETE CASCADE,
  revision BIGINT NOT NULL,
  name TEXT NOT NULL,
  description TEXT NOT NULL,
  text TEXT NOT NULL,
  enabled BIGINT NOT NULL CHECK (enabled IN (0, 1)),
  at BIGINT NOT NULL,
  changed_by TEXT NOT NULL,
  PRIMARY KEY (policy, revision)
);

-- Another `version` with each change of the policies that are in force: what is compiled is kept by it.
CREATE TABLE policy_set (
  organization TEXT PRIMARY KEY NOT NULL REFERENCES organization (id) ON DELETE CASCADE,
  version TEXT NOT NULL
);

-- What policies of an organization may speak of besides what is built in. `content` is a JSON object; versions are kept.
CREATE TABLE policy_schema (
  organization TEXT NOT NULL REFERENCES organization (id) ON DELETE CASCADE,
  version BIGINT NOT NULL,
  content TEXT NOT NULL,
  at BIGINT NOT NULL,
  changed_by TEXT NOT NULL,
  PRIMARY KEY (organization, version)
);
