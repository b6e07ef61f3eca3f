-- Somebody looks at the tokens of an hour that were made with what they signed in with.

CREATE INDEX derived_token_source ON derived_token (source);
