-- Who has which role on which thing. A grant ends with the thing, and with the membership, service account, team or invitation that holds it; the grants of an
-- invitation are kept for who accepts it. `sort_name` repeats the holder's name, for lists. From `expires_at` on it counts for nothing.
CREATE TABLE access_grant (
  id TEXT PRIMARY KEY NOT NULL,
  resource TEXT NOT NULL REFERENCES resource (id) ON DELETE CASCADE,
  kind TEXT NOT NULL CHECK (kind IN ('account', 'invitation', 'service-account', 'team')),
  member TEXT REFERENCES member (id) ON DELETE CASCADE,
  invitation TEXT REFERENCES invitation (id) ON DELETE CASCADE,
  service_account TEXT REFERENCES service_account (id) ON DELETE CASCADE,
  team TEXT REFERENCES team (id) ON DELETE CASCADE,
  role TEXT NOT NULL,
  expires_at BIGINT,
  sort_name TEXT NOT NULL,
  since BIGINT NOT NULL,
  revision BIGINT NOT NULL,
  CHECK ((kind = 'account') = (member IS NOT NULL)),
  CHECK ((kind = 'invitation') = (invitation IS NOT NULL)),
  CHECK ((kind = 'service-account') = (service_account IS NOT NULL)),
  CHECK ((kind = 'team') = (team IS NOT NULL)),
  UNIQUE (member, resource, role),
  UNIQUE (invitation, resource, role),
  UNIQUE (service_account, resource, role),
  UNIQUE (team, resource, role)
);
CREATE INDEX access_grant_list ON access_grant (resource, kind, sort_name, id);

-- The grants that a former member gets back when they are reinstated. They are forgotten with the former member.
CREATE TABLE former_access_grant (
  organization TEXT NOT NULL,
  account TEXT NOT NULL,
  resource TEXT NOT NULL REFERENCES resource (id) ON DELETE CASCADE,
  role TEXT NOT NULL,
  expires_at BIGINT,
  PRIMARY KEY (organization, account, resource, role),
  FOREIGN KEY (organization, account) REFERENCES former_member (organization, account) ON DELETE CASCADE
);
CREATE INDEX former_access_grant_resource ON former_access_grant (resource);
