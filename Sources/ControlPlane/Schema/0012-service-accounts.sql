-- Programs that act in an organization for themselves, and the keys they prove themselves with.

-- `slug` is in small letters.
CREATE TABLE service_account (
  id TEXT PRIMARY KEY NOT NULL,
  organization TEXT NOT NULL REFERENCES organization (id) ON DELETE CASCADE,
  slug TEXT NOT NULL,
  name TEXT NOT NULL,
  description TEXT NOT NULL,
  roles TEXT NOT NULL,
  created_by TEXT NOT NULL REFERENCES account (id),
  created_at BIGINT NOT NULL,
  disabled_at BIGINT,
  used_at BIGINT,
  revision BIGINT NOT NULL,
  UNIQUE (organization, slug)
);
CREATE INDEX service_account_creator ON service_account (created_by);

CREATE TABLE service_account_key (
  id TEXT PRIMARY KEY NOT NULL,
  service_account TEXT NOT NULL REFERENCES service_account (id) ON DELETE CASCADE,
  name TEXT NOT NULL,
  digest TEXT NOT NULL UNIQUE,
  hint TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  expires_at BIGINT,
  used_at BIGINT,
  revoked_at BIGINT
);
CREATE INDEX service_account_key_list ON service_account_key (service_account, id);

-- They stand in the log as who did something. A column's check goes with the column alone.
ALTER TABLE event ADD COLUMN actor_type TEXT NOT NULL DEFAULT 'account' CHECK (actor_type IN ('account', 'service-account', 'system', 'anonymous'));
UPDATE event SET actor_type = actor_kind WHERE actor_kind <> 'account';
ALTER TABLE event DROP COLUMN actor_kind;
ALTER TABLE event RENAME COLUMN actor_type TO actor_kind;
