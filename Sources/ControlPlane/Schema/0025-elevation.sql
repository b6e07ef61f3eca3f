-- Requests for a role for a time, and what a team gives where nobody says a role.

-- A built-in role of apps; empty where there is none.
ALTER TABLE team ADD COLUMN default_role TEXT NOT NULL DEFAULT '';

-- A request ends with the membership, the thing and the role that it is about. Without a resource it is about the organization. One that is still pending at
-- `answer_by` has expired.
CREATE TABLE elevation (
  id TEXT PRIMARY KEY NOT NULL,
  organization TEXT NOT NULL REFERENCES organization (id) ON DELETE CASCADE,
  member TEXT NOT NULL REFERENCES member (id) ON DELETE CASCADE,
  resource TEXT REFERENCES resource (id) ON DELETE CASCADE,
  role TEXT NOT NULL,
  custom_role TEXT REFERENCES custom_role (id) ON DELETE CASCADE,
  minutes BIGINT NOT NULL CHECK (minutes > 0),
  reason TEXT NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('pending', 'approved', 'refused', 'withdrawn')),
  created_at BIGINT NOT NULL,
  answer_by BIGINT NOT NULL,
  answered_at BIGINT,
  answered_by TEXT,
  answer TEXT NOT NULL,
  granted_until BIGINT
);
CREATE INDEX elevation_list ON elevation (organization, created_at, id);
CREATE INDEX elevation_member ON elevation (member);
CREATE INDEX elevation_resource ON elevation (resource) WHERE resource IS NOT NULL;
CREATE INDEX elevation_custom_role ON elevation (custom_role) WHERE custom_role IS NOT NULL;
