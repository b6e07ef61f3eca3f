-- What people, service accounts and teams may do with one object because somebody shared it with them.

-- The object stands in `place`, or in the organization itself, and need not be registered: `type` and `name` are its platform's. `home` is the place or else the
-- organization. `actions` are separated by commas. `shared_by` is who shared it, an account or a service account, and `sharer` what they were called.
-- `sort_name` repeats the holder's name, for lists. A share ends with its holder and with the place; with a registered object, too.
CREATE TABLE object_share (
  id TEXT PRIMARY KEY NOT NULL,
  organization TEXT NOT NULL REFERENCES organization (id) ON DELETE CASCADE,
  place TEXT REFERENCES resource (id) ON DELETE CASCADE,
  home TEXT NOT NULL,
  type TEXT NOT NULL,
  name TEXT NOT NULL,
  kind TEXT NOT NULL CHECK (kind IN ('account', 'service-account', 'team')),
  member TEXT REFERENCES member (id) ON DELETE CASCADE,
  service_account TEXT REFERENCES service_account (id) ON DELETE CASCADE,
  team TEXT REFERENCES team (id) ON DELETE CASCADE,
  actions TEXT NOT NULL CHECK (actions <> ''),
  shared_by TEXT NOT NULL,
  sharer TEXT NOT NULL,
  sort_name TEXT NOT NULL,
  since BIGINT NOT NULL,
  revision BIGINT NOT NULL,
  CHECK (home = COALESCE(place, organization)),
  CHECK ((kind = 'account') = (member IS NOT NULL)),
  CHECK ((kind = 'service-account') = (service_account IS NOT NULL)),
  CHECK ((kind = 'team') = (team IS NOT NULL)),
  UNIQUE (member, home, type, name),
  UNIQUE (service_account, home, type, name),
  UNIQUE (team, home, type, name)
);
CREATE INDEX object_share_list ON object_share (home, type, name, kind, sort_name, id);
CREATE INDEX object_share_organization ON object_share (organization);
CREATE INDEX object_share_place ON object_share (place) WHERE place IS NOT NULL;
