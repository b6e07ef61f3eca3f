-- Members who expired have segments of their own: 'expired viewer'. Who has expired since is found within the segment that says 'expiring'.
DROP INDEX member_expiry;
CREATE INDEX member_expiry ON member (organization, segment, expires_at) WHERE expires_at IS NOT NULL;

-- The term index knows the beginnings of names from now on: everybody is entered anew.
DROP TABLE member_terms;
CREATE TERM INDEX member_terms;
UPDATE member SET search_number = NULL;
