-- Logos of organizations and portraits of people, by the digest of their content, which is base64url.

CREATE TABLE image (
  digest TEXT PRIMARY KEY NOT NULL,
  media_type TEXT NOT NULL CHECK (media_type IN ('image/png', 'image/jpeg', 'image/webp')),
  content TEXT NOT NULL
);
ALTER TABLE organization ADD COLUMN logo TEXT REFERENCES image (digest);
ALTER TABLE account ADD COLUMN portrait TEXT REFERENCES image (digest);
CREATE INDEX organization_logo ON organization (logo) WHERE logo IS NOT NULL;
CREATE INDEX account_portrait ON account (portrait) WHERE portrait IS NOT NULL;
