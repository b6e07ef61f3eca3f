-- Answers to requests that came with an Idempotency-Key, to be given again. The body is sealed.

CREATE TABLE answered_request (
  scope TEXT NOT NULL,
  key TEXT NOT NULL,
  payload TEXT NOT NULL,
  at BIGINT NOT NULL,
  status BIGINT,
  headers TEXT NOT NULL,
  body TEXT,
  PRIMARY KEY (scope, key)
);
CREATE INDEX answered_request_at ON answered_request (at);
