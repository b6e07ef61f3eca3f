-- What platforms register: things of any type, called by their own ids, which stand in `slug`.

CREATE UNIQUE INDEX resource_object ON resource (organization, type, slug) WHERE type NOT IN ('workspace', 'cluster', 'project', 'app');
CREATE INDEX resource_within ON resource (parent, slug, id) WHERE type NOT IN ('workspace', 'cluster', 'project', 'app');
