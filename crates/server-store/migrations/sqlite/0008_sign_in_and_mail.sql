-- Signing in at somebody else's page, and mails that are still to be sent.

-- A browser that went to a sign-in provider and has not come back. The state is kept as SHA-256; the other secrets of the
-- attempt are derived from it and the server's key.
CREATE TABLE sign_in_attempts (
    state_hash BLOB PRIMARY KEY,
    browser_hash BLOB NOT NULL,
    issuer TEXT NOT NULL,
    -- Whose account the subject is to be linked to; NULL: it signs in.
    linking BLOB REFERENCES accounts (account_id) ON DELETE CASCADE,
    expires_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX sign_in_attempts_by_expiry ON sign_in_attempts (expires_at);

-- What is mailed is written when it is sent, so that no link waits here.
CREATE TABLE mails (
    mail_id BLOB PRIMARY KEY,
    purpose TEXT NOT NULL CHECK (purpose IN ('verify_email', 'reset_password')),
    email TEXT NOT NULL,
    -- NULL: whoever has the address.
    account_id BLOB REFERENCES accounts (account_id) ON DELETE CASCADE,
    locale TEXT NOT NULL,
    failures INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    due_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX mails_by_due ON mails (due_at, mail_id);
