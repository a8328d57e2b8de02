-- One account per person: e-mail, phone and external subjects lead to it. One-time tokens and guests' tokens are kept as
-- SHA-256, because nobody can guess them.

ALTER TABLE accounts ADD COLUMN display_name TEXT NOT NULL DEFAULT '';
ALTER TABLE accounts ADD COLUMN email_verified INTEGER NOT NULL DEFAULT 0;
ALTER TABLE accounts ADD COLUMN pending_email TEXT;
ALTER TABLE accounts ADD COLUMN preferences TEXT NOT NULL DEFAULT '{}';

UPDATE accounts SET display_name = coalesce(
    (SELECT name FROM customers WHERE customers.customer_id = accounts.customer_id), '');

CREATE INDEX phone_sessions_by_account ON phone_sessions (account_id);

CREATE TABLE account_tokens (
    token_hash BLOB PRIMARY KEY,
    account_id BLOB NOT NULL REFERENCES accounts (account_id) ON DELETE CASCADE,
    purpose TEXT NOT NULL CHECK (purpose IN ('verify_email', 'reset_password')),
    email TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE UNIQUE INDEX one_token_per_account_and_purpose ON account_tokens (account_id, purpose);

CREATE TABLE external_identities (
    issuer TEXT NOT NULL,
    subject TEXT NOT NULL,
    account_id BLOB NOT NULL REFERENCES accounts (account_id) ON DELETE CASCADE,
    linked_at INTEGER NOT NULL,
    PRIMARY KEY (issuer, subject)
) STRICT, WITHOUT ROWID;

CREATE INDEX external_identities_by_account ON external_identities (account_id);

-- Who is staff was verified. Everybody is a customer; that role is not kept.
CREATE TABLE account_roles (
    account_id BLOB NOT NULL REFERENCES accounts (account_id) ON DELETE CASCADE,
    role TEXT NOT NULL CHECK (role IN ('staff', 'manager')),
    granted_at INTEGER NOT NULL,
    -- NULL: the operator.
    granted_by BLOB,
    PRIMARY KEY (account_id, role)
) STRICT, WITHOUT ROWID;

CREATE TABLE staff_enrolments (
    enrolment_id BLOB PRIMARY KEY,
    account_id BLOB NOT NULL UNIQUE REFERENCES accounts (account_id) ON DELETE CASCADE,
    status TEXT NOT NULL CHECK (status IN ('draft', 'pending', 'pending_verification', 'verified', 'rejected')),
    data TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    decided_by BLOB
) STRICT;

CREATE INDEX staff_enrolments_by_status ON staff_enrolments (status, created_at);

CREATE TABLE voice_sessions (
    voice_session_id BLOB PRIMARY KEY,
    account_id BLOB REFERENCES accounts (account_id) ON DELETE SET NULL,
    -- Of the browser or ticket that began it.
    starter_hash BLOB,
    room TEXT NOT NULL,
    system_prompt TEXT NOT NULL,
    started_at INTEGER NOT NULL,
    ended_at INTEGER,
    metadata TEXT
) STRICT;

CREATE INDEX voice_sessions_by_account ON voice_sessions (account_id, started_at DESC, voice_session_id DESC)
    WHERE account_id IS NOT NULL;
CREATE INDEX voice_sessions_by_start ON voice_sessions (started_at DESC, voice_session_id DESC);

CREATE TABLE utterances (
    utterance_id BLOB PRIMARY KEY,
    voice_session_id BLOB NOT NULL REFERENCES voice_sessions (voice_session_id) ON DELETE CASCADE,
    seq INTEGER NOT NULL,
    -- The id that the sender gave it.
    sent_id TEXT,
    role TEXT NOT NULL CHECK (role IN ('user', 'agent', 'event')),
    text TEXT NOT NULL,
    event TEXT,
    created_at INTEGER NOT NULL,
    UNIQUE (voice_session_id, seq)
) STRICT;

CREATE UNIQUE INDEX utterances_by_sent_id ON utterances (voice_session_id, sent_id) WHERE sent_id IS NOT NULL;

-- The id is the account's, or that of the guest's session.
CREATE TABLE profiles (
    profile_id BLOB PRIMARY KEY,
    account_id BLOB UNIQUE REFERENCES accounts (account_id) ON DELETE CASCADE,
    session_id BLOB UNIQUE REFERENCES sessions (session_id) ON DELETE CASCADE,
    -- The name that the client gave itself.
    alias TEXT,
    name TEXT,
    email TEXT,
    phone TEXT,
    profile_photo_url TEXT,
    default_location TEXT NOT NULL,
    notification_preferences TEXT NOT NULL,
    preferences TEXT NOT NULL,
    version INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    CHECK ((account_id IS NULL) <> (session_id IS NULL))
) STRICT;

CREATE TABLE guest_links (
    token_hash BLOB PRIMARY KEY,
    account_id BLOB NOT NULL REFERENCES accounts (account_id) ON DELETE CASCADE,
    linked_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE service_requests (
    request_id BLOB PRIMARY KEY,
    profile_id BLOB NOT NULL,
    raw_input TEXT NOT NULL,
    service_category TEXT NOT NULL,
    service_type TEXT NOT NULL,
    requirements TEXT NOT NULL,
    location TEXT,
    timing TEXT,
    budget TEXT,
    status TEXT NOT NULL CHECK (status IN ('matching', 'offers_received', 'booked', 'cancelled')),
    status_history TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL
) STRICT;

CREATE INDEX service_requests_by_time ON service_requests (created_at DESC, request_id DESC);
CREATE INDEX service_requests_by_profile ON service_requests (profile_id, created_at DESC);

CREATE TABLE request_views (
    request_id BLOB NOT NULL REFERENCES service_requests (request_id) ON DELETE CASCADE,
    account_id BLOB NOT NULL REFERENCES accounts (account_id) ON DELETE CASCADE,
    viewed_at INTEGER NOT NULL,
    PRIMARY KEY (request_id, account_id)
) STRICT, WITHOUT ROWID;
