-- Roles that organizations make of rights they choose, and roles on the organization that are held beside those of the membership.

-- `slug` is in small letters, unique at its level. `base` is the role that it was copied from, as it was called then. `rights` are permissions at the level of
-- the organization and `type:verb` at all others; `own_rights` count on what the holder owns. `reads_projects`: whether it
-- lets its holders read the projects within.
CREATE TABLE custom_role (
  id TEXT PRIMARY KEY NOT NULL,
  organization TEXT NOT NULL REFERENCES organization (id) ON DELETE CASCADE,
  scope TEXT NOT NULL CHECK (scope IN ('organization', 'cluster', 'workspace', 'project', 'app')),
  slug TEXT NOT NULL,
  name TEXT NOT NULL,
  description TEXT NOT NULL,
  base TEXT NOT NULL,
  rights TEXT NOT NULL,
  own_rights TEXT NOT NULL,
  reads_projects BIGINT NOT NULL CHECK (reads_projects IN (0, 1)),
  created_at BIGINT NOT NULL,
  revision BIGINT NOT NULL,
  UNIQUE (organization, scope, slug)
);

-- Where it is there, `role` repeats it.
ALTER TABLE access_grant ADD COLUMN custom_role TEXT REFERENCES custom_role (id) ON DELETE CASCADE;
CREATE INDEX access_grant_custom_role ON access_grant (custom_role) WHERE custom_role IS NOT NULL;
ALTER TABLE former_access_grant ADD COLUMN custom_role TEXT REFERENCES custom_role (id) ON DELETE CASCADE;
CREATE INDEX former_access_grant_custom_role ON former_access_grant (custom_role) WHERE custom_role IS NOT NULL;

-- A role on the organization: a built-in one by its name, or a custom one. It ends with who holds it. `sort_name` repeats the holder's name, for lists. From
-- `expires_at` on it counts for nothing.
CREATE TABLE organization_grant (
  id TEXT PRIMARY KEY NOT NULL,
  organization TEXT NOT NULL REFERENCES organization (id) ON DELETE CASCADE,
  kind TEXT NOT NULL CHECK (kind IN ('account', 'service-account', 'team')),
  member TEXT REFERENCES member (id) ON DELETE CASCADE,
  service_account TEXT REFERENCES service_account (id) ON DELETE CASCADE,
  team TEXT REFERENCES team (id) ON DELETE CASCADE,
  role TEXT NOT NULL,
  custom_role TEXT REFERENCES custom_role (id) ON DELETE CASCADE,
  expires_at BIGINT,
  sort_name TEXT NOT NULL,
  since BIGINT NOT NULL,
  revision BIGINT NOT NULL,
  CHECK ((kind = 'account') = (member IS NOT NULL)),
  CHECK ((kind = 'service-account') = (service_account IS NOT NULL)),
  CHECK ((kind = 'team') = (team IS NOT NULL)),
  UNIQUE (member, role),
  UNIQUE (service_account, role),
  UNIQUE (team, role)
);
CREATE INDEX organization_grant_list ON organization_grant (organization, kind, sort_name, id);
CREATE INDEX organization_grant_custom_role ON organization_grant (custom_role) WHERE custom_role IS NOT NULL;

-- What a former member gets back of them when they are reinstated. It is forgotten with the former member.
CREATE TABLE former_organization_grant (
  organization TEXT NOT NULL,
  account TEXT NOT NULL,
  role TEXT NOT NULL,
  custom_role TEXT REFERENCES custom_role (id) ON DELETE CASCADE,
  expires_at BIGINT,
  PRIMARY KEY (organization, account, role),
  FOREIGN KEY (organization, account) REFERENCES former_member (organization, account) ON DELETE CASCADE
);
CREATE INDEX former_organization_grant_custom_role ON former_organization_grant (custom_role) WHERE custom_role IS NOT NULL;
