-- The mails of an invitation that was answered are taken back; they are found among all that wait.
CREATE INDEX mail_waiting ON mail (organization, recipient) WHERE state = 'waiting';
