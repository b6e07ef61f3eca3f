-- What somebody has shared with others.

CREATE INDEX object_share_giver ON object_share (organization, shared_by, type, name, id);
