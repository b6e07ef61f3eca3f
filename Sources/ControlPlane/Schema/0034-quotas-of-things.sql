-- Quotas of what is made on the servers of workspaces, for the organization as a whole.

CREATE TABLE quota_wider (
  id TEXT PRIMARY KEY NOT NULL,
  organization TEXT NOT NULL REFERENCES organization (id) ON DELETE CASCADE,
  dimension TEXT NOT NULL CHECK (dimension IN ('running-jobs', 'gpus', 'storage', 'seats', 'projects', 'pipelines', 'pipeline-runs', 'models')),
  subject TEXT NOT NULL CHECK (subject IN ('organization', 'each', 'member', 'service-account')),
  holder TEXT NOT NULL,
  name TEXT NOT NULL,
  cluster TEXT NOT NULL,
  most BIGINT CHECK (most >= 0),
  created_at BIGINT NOT NULL,
  revision BIGINT NOT NULL,
  UNIQUE (organization, dimension, subject, holder, cluster),
  CHECK ((subject IN ('member', 'service-account')) = (holder <> '')),
  CHECK (dimension IN ('running-jobs', 'gpus', 'storage') OR subject = 'organization' AND cluster = '')
);
INSERT INTO quota_wider (id, organization, dimension, subject, holder, name, cluster, most, created_at, revision)
SELECT id, organization, dimension, subject, holder, name, cluster, most, created_at, revision FROM quota;
DROP TABLE quota;
ALTER TABLE quota_wider RENAME TO quota;
CREATE INDEX quota_list ON quota (organization, dimension, subject, name, id);
CREATE INDEX quota_holder ON quota (organization, holder, cluster);

-- What was made there and isn't gone, by the servers' ids.
CREATE TABLE made_thing (
  organization TEXT NOT NULL REFERENCES organization (id) ON DELETE CASCADE,
  feature TEXT NOT NULL,
  thing TEXT NOT NULL,
  workspace TEXT NOT NULL REFERENCES workspace (resource) ON DELETE CASCADE,
  PRIMARY KEY (organization, feature, thing)
);
CREATE INDEX made_thing_workspace ON made_thing (workspace);
