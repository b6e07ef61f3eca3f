-- Those who run the installation are few among many.
CREATE INDEX account_operator ON account (super_user) WHERE super_user = 1;
