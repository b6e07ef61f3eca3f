-- The mails that didn't go out yet are few among many; invitations are shown with theirs.
CREATE INDEX mail_trouble ON mail (organization, recipient) WHERE last_error IS NOT NULL AND state <> 'sent';
