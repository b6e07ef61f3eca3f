-- Apps of an organization, and what people have starred.

-- `notes` is a longer text for whoever opens the app.
CREATE TABLE app (
  resource TEXT PRIMARY KEY NOT NULL REFERENCES resource (id) ON DELETE CASCADE,
  notes TEXT NOT NULL,
  is_template BIGINT NOT NULL CHECK (is_template IN (0, 1)),
  image TEXT REFERENCES image (digest),
  changed_at BIGINT NOT NULL
);
CREATE INDEX app_image ON app (image) WHERE image IS NOT NULL;
CREATE UNIQUE INDEX app_slug ON resource (organization, slug) WHERE type = 'app';

CREATE TABLE star (
  account TEXT NOT NULL REFERENCES account (id) ON DELETE CASCADE,
  resource TEXT NOT NULL REFERENCES resource (id) ON DELETE CASCADE,
  since BIGINT NOT NULL,
  PRIMARY KEY (account, resource)
) WITHOUT ROWID;
CREATE INDEX star_resource ON star (resource);
