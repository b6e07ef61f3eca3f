-- What everybody finds who is signed in.
CREATE INDEX resource_public_app ON resource (slug, id) WHERE type = 'app' AND visibility = 'public';
