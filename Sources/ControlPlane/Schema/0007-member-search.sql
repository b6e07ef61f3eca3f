-- Lists of a million members: each page takes bounded work, whatever the filter, the order and the place.

-- What lists show of the account, repeated, so that a page of fifty isn't two hundred looks into other tables.
ALTER TABLE member ADD COLUMN handle TEXT NOT NULL DEFAULT '';
ALTER TABLE member ADD COLUMN name TEXT NOT NULL DEFAULT '';
ALTER TABLE member ADD COLUMN address TEXT;

-- `segment` is how the member stands and their roles, as filters ask for them: 'active admin,billing'. Expiry is left to the clock: 'expiring' may have expired.
-- `search_number` is the member's in the term index, missing until a job has put them there.
ALTER TABLE member ADD COLUMN segment TEXT NOT NULL DEFAULT '';
ALTER TABLE member ADD COLUMN search_number BIGINT;

UPDATE member SET
  handle = (SELECT n.text FROM name n WHERE n.owner = member.account AND n.current = 1),
  name = (SELECT a.name FROM account a WHERE a.id = member.account),
  address = (SELECT e.address FROM account_email e WHERE e.account = member.account AND e.is_primary = 1),
  segment = CASE
    WHEN EXISTS (SELECT 1 FROM account a WHERE a.id = member.account AND a.active = 0) THEN 'deactivated'
    WHEN suspended_at IS NOT NULL THEN 'suspended'
    WHEN expires_at IS NOT NULL THEN 'expiring'
    ELSE 'active'
  END || ' ' || roles;

CREATE INDEX member_segment_by_name ON member (organization, segment, sort_name, id);
CREATE INDEX member_segment_by_since ON member (organization, segment, since, id);
CREATE INDEX member_expiry ON member (organization, expires_at, segment) WHERE expires_at IS NOT NULL;
CREATE UNIQUE INDEX member_search_number ON member (search_number) WHERE search_number IS NOT NULL;
CREATE INDEX member_unindexed ON member (organization) WHERE search_number IS NULL;

-- How many members each segment has.
CREATE TABLE member_segment (
  organization TEXT NOT NULL REFERENCES organization (id) ON DELETE CASCADE,
  segment TEXT NOT NULL,
  members BIGINT NOT NULL,
  PRIMARY KEY (organization, segment)
);
INSERT INTO member_segment (organization, segment, members) SELECT organization, segment, count(*) FROM member GROUP BY organization, segment;

-- Pieces of names, handles and addresses by organization, and the number the next member gets in it.
CREATE TERM INDEX member_terms;
CREATE TABLE search_counter (
  name TEXT PRIMARY KEY NOT NULL,
  next BIGINT NOT NULL
);
INSERT INTO search_counter (name, next) VALUES ('member', 1);
