-- Teams, and who has a place in them: members, service accounts, and invitations that keep the place for who accepts.

-- `slug` is in small letters, and `search_name` is the name in small letters.
CREATE TABLE team (
  id TEXT PRIMARY KEY NOT NULL,
  organization TEXT NOT NULL REFERENCES organization (id) ON DELETE CASCADE,
  slug TEXT NOT NULL,
  name TEXT NOT NULL,
  search_name TEXT NOT NULL,
  description TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  revision BIGINT NOT NULL,
  UNIQUE (organization, slug)
);

-- A place ends with the membership, the service account or the invitation that it belongs to. `sort_name` repeats their name, for lists.
CREATE TABLE team_seat (
  id TEXT PRIMARY KEY NOT NULL,
  team TEXT NOT NULL REFERENCES team (id) ON DELETE CASCADE,
  kind TEXT NOT NULL CHECK (kind IN ('account', 'invitation', 'service-account')),
  member TEXT REFERENCES member (id) ON DELETE CASCADE,
  invitation TEXT REFERENCES invitation (id) ON DELETE CASCADE,
  service_account TEXT REFERENCES service_account (id) ON DELETE CASCADE,
  sort_name TEXT NOT NULL,
  maintains BIGINT NOT NULL CHECK (maintains IN (0, 1)),
  since BIGINT NOT NULL,
  CHECK ((kind = 'account') = (member IS NOT NULL)),
  CHECK ((kind = 'invitation') = (invitation IS NOT NULL)),
  CHECK ((kind = 'service-account') = (service_account IS NOT NULL)),
  CHECK (maintains = 0 OR kind = 'account'),
  UNIQUE (member, team),
  UNIQUE (invitation, team),
  UNIQUE (service_account, team)
);
CREATE INDEX team_seat_list ON team_seat (team, kind, sort_name, id);

-- The places that a former member gets back when they are reinstated. They are forgotten with the former member.
CREATE TABLE former_team_seat (
  organization TEXT NOT NULL,
  account TEXT NOT NULL,
  team TEXT NOT NULL REFERENCES team (id) ON DELETE CASCADE,
  maintains BIGINT NOT NULL CHECK (maintains IN (0, 1)),
  PRIMARY KEY (organization, account, team),
  FOREIGN KEY (organization, account) REFERENCES former_member (organization, account) ON DELETE CASCADE
);
CREATE INDEX former_team_seat_team ON former_team_seat (team);
