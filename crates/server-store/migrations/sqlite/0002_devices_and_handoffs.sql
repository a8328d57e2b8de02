-- Codes are kept as HMAC-SHA256 under the server's key; tickets, cookies and tokens, which nobody can guess, as SHA-256.

CREATE TABLE devices (
    device_id BLOB PRIMARY KEY,
    key_thumbprint TEXT NOT NULL UNIQUE,
    role TEXT NOT NULL,
    store_id TEXT NOT NULL,
    label TEXT NOT NULL,
    enrolled_at INTEGER NOT NULL
) STRICT;

CREATE TABLE enrolments (
    key_thumbprint TEXT PRIMARY KEY,
    code_hash BLOB NOT NULL UNIQUE,
    role TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL
) STRICT;

CREATE TABLE wrong_enrolment_codes (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    at INTEGER NOT NULL
) STRICT;

CREATE TABLE handoffs (
    handoff_id BLOB PRIMARY KEY,
    device_id BLOB NOT NULL,
    locale TEXT NOT NULL,
    ephemeral_key BLOB NOT NULL,
    status TEXT NOT NULL CHECK (status IN ('open', 'claimed', 'issued', 'ended', 'cancelled', 'expired', 'aborted')),
    opened_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    claim_id BLOB UNIQUE,
    account_id BLOB,
    browser_hash BLOB,
    claimed_at INTEGER,
    kiosk_session_id BLOB,
    reason TEXT,
    over_at INTEGER
) STRICT;

CREATE UNIQUE INDEX one_live_handoff_per_device ON handoffs (device_id) WHERE status IN ('open', 'claimed');
CREATE INDEX live_handoffs_by_expiry ON handoffs (expires_at) WHERE status IN ('open', 'claimed');
CREATE INDEX handoffs_by_account ON handoffs (account_id, over_at) WHERE account_id IS NOT NULL;

CREATE TABLE handoff_codes (
    code_hash BLOB PRIMARY KEY,
    handoff_id BLOB NOT NULL REFERENCES handoffs (handoff_id) ON DELETE CASCADE,
    typed INTEGER NOT NULL,
    accepted_from INTEGER NOT NULL,
    accepted_until INTEGER NOT NULL
) STRICT;

CREATE INDEX handoff_codes_by_handoff ON handoff_codes (handoff_id);

CREATE TABLE visits (
    ticket_hash BLOB PRIMARY KEY,
    handoff_id BLOB NOT NULL REFERENCES handoffs (handoff_id) ON DELETE CASCADE,
    browser_hash BLOB NOT NULL,
    made_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL
) STRICT;

CREATE INDEX visits_by_handoff ON visits (handoff_id);
CREATE INDEX visits_by_browser ON visits (browser_hash);

CREATE TABLE phone_sessions (
    cookie_hash BLOB PRIMARY KEY,
    account_id BLOB NOT NULL REFERENCES accounts (account_id) ON DELETE CASCADE,
    created_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL
) STRICT;

CREATE INDEX phone_sessions_by_expiry ON phone_sessions (expires_at);

CREATE TABLE kiosk_sessions (
    kiosk_session_id BLOB PRIMARY KEY,
    token_hash BLOB NOT NULL UNIQUE,
    device_id BLOB NOT NULL,
    session_id BLOB NOT NULL,
    handoff_id BLOB,
    claim_id BLOB,
    assurance TEXT NOT NULL,
    started_at INTEGER NOT NULL,
    absolute_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    ended_at INTEGER,
    reason TEXT
) STRICT;

CREATE UNIQUE INDEX one_live_kiosk_session_per_device ON kiosk_sessions (device_id) WHERE ended_at IS NULL;
CREATE INDEX live_kiosk_sessions_by_session ON kiosk_sessions (session_id) WHERE ended_at IS NULL;
CREATE INDEX live_kiosk_sessions_by_expiry ON kiosk_sessions (expires_at) WHERE ended_at IS NULL;
CREATE UNIQUE INDEX one_kiosk_session_per_handoff ON kiosk_sessions (handoff_id) WHERE handoff_id IS NOT NULL;
