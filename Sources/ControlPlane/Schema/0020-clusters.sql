-- The installation's clusters, and which organizations have them.

-- `slug` is in small letters, its own for good: platforms, quotas and leases name clusters by it. `addresses`, `node_pools` and `presets` are JSON. The last three
-- limits are those that an organization begins with: NULL where nothing limits.
CREATE TABLE cluster (
  id TEXT PRIMARY KEY NOT NULL,
  slug TEXT NOT NULL UNIQUE,
  name TEXT NOT NULL,
  search_name TEXT NOT NULL,
  description TEXT NOT NULL,
  location TEXT NOT NULL,
  addresses TEXT NOT NULL,
  node_pools TEXT NOT NULL,
  presets TEXT NOT NULL,
  default_role TEXT NOT NULL,
  is_default BIGINT NOT NULL CHECK (is_default IN (0, 1)),
  maintenance BIGINT NOT NULL CHECK (maintenance IN (0, 1)),
  running_jobs BIGINT CHECK (running_jobs >= 0),
  member_running_jobs BIGINT CHECK (member_running_jobs >= 0),
  storage BIGINT CHECK (storage >= 0),
  created_at BIGINT NOT NULL,
  revision BIGINT NOT NULL
);

-- A cluster as one organization has it: a resource of the organization, on which its people have roles. A cluster that somebody has can't be deleted.
CREATE TABLE organization_cluster (
  resource TEXT PRIMARY KEY NOT NULL REFERENCES resource (id) ON DELETE CASCADE,
  organization TEXT NOT NULL REFERENCES organization (id) ON DELETE CASCADE,
  cluster TEXT NOT NULL REFERENCES cluster (id),
  default_role TEXT NOT NULL,
  maintenance BIGINT NOT NULL CHECK (maintenance IN (0, 1)),
  UNIQUE (cluster, organization)
);
CREATE INDEX organization_cluster_list ON organization_cluster (organization, cluster);
