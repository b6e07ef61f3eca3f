-- What an organization decides for itself; where it has no row, the installation's value holds.

CREATE TABLE organization_setting (
  organization TEXT NOT NULL REFERENCES organization (id) ON DELETE CASCADE,
  name TEXT NOT NULL,
  value TEXT NOT NULL,
  PRIMARY KEY (organization, name)
);

-- Whether people may ask to join is one of them. Nobody asked for it unless told, so what was off goes on with the installation.
INSERT INTO organization_setting (organization, name, value) SELECT id, 'join_requests', 'yes' FROM organization WHERE accepts_requests = 1;
ALTER TABLE organization DROP COLUMN accepts_requests;
