-- Codes are kept as HMAC-SHA256 under the server's key; tickets, cookies and tokens, which nobody can guess, as SHA-256.

CREATE TABLE devices (
    device_id uuid PRIMARY KEY,
    key_thumbprint text COLLATE "C" NOT NULL UNIQUE,
    role text NOT NULL,
    store_id text COLLATE "C" NOT NULL,
    label text COLLATE "C" NOT NULL,
    enrolled_at timestamptz NOT NULL
);

CREATE TABLE enrolments (
    key_thumbprint text COLLATE "C" PRIMARY KEY,
    code_hash bytea NOT NULL UNIQUE,
    role text NOT NULL,
    created_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL
);

CREATE TABLE wrong_enrolment_codes (
    number bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    at timestamptz NOT NULL
);

CREATE TABLE handoffs (
    handoff_id uuid PRIMARY KEY,
    device_id uuid NOT NULL,
    locale text NOT NULL,
    ephemeral_key bytea NOT NULL,
    status text NOT NULL CHECK (status IN ('open', 'claimed', 'issued', 'ended', 'cancelled', 'expired', 'aborted')),
    opened_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    claim_id uuid UNIQUE,
    account_id uuid,
    browser_hash bytea,
    claimed_at timestamptz,
    kiosk_session_id uuid,
    reason text,
    over_at timestamptz
);

CREATE UNIQUE INDEX one_live_handoff_per_device ON handoffs (device_id) WHERE status IN ('open', 'claimed');
CREATE INDEX live_handoffs_by_expiry ON handoffs (expires_at) WHERE status IN ('open', 'claimed');
CREATE INDEX handoffs_by_account ON handoffs (account_id, over_at) WHERE account_id IS NOT NULL;

CREATE TABLE handoff_codes (
    code_hash bytea PRIMARY KEY,
    handoff_id uuid NOT NULL REFERENCES handoffs (handoff_id) ON DELETE CASCADE,
    typed boolean NOT NULL,
    accepted_from timestamptz NOT NULL,
    accepted_until timestamptz NOT NULL
);

CREATE INDEX handoff_codes_by_handoff ON handoff_codes (handoff_id);

CREATE TABLE visits (
    ticket_hash bytea PRIMARY KEY,
    handoff_id uuid NOT NULL REFERENCES handoffs (handoff_id) ON DELETE CASCADE,
    browser_hash bytea NOT NULL,
    made_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL
);

CREATE INDEX visits_by_handoff ON visits (handoff_id);
CREATE INDEX visits_by_browser ON visits (browser_hash);

CREATE TABLE phone_sessions (
    cookie_hash bytea PRIMARY KEY,
    account_id uuid NOT NULL REFERENCES accounts (account_id) ON DELETE CASCADE,
    created_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL
);

CREATE INDEX phone_sessions_by_expiry ON phone_sessions (expires_at);

CREATE TABLE kiosk_sessions (
    kiosk_session_id uuid PRIMARY KEY,
    token_hash bytea NOT NULL UNIQUE,
    device_id uuid NOT NULL,
    session_id uuid NOT NULL,
    handoff_id uuid,
    claim_id uuid,
    assurance text NOT NULL,
    started_at timestamptz NOT NULL,
    absolute_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    ended_at timestamptz,
    reason text
);

CREATE UNIQUE INDEX one_live_kiosk_session_per_device ON kiosk_sessions (device_id) WHERE ended_at IS NULL;
CREATE INDEX live_kiosk_sessions_by_session ON kiosk_sessions (session_id) WHERE ended_at IS NULL;
CREATE INDEX live_kiosk_sessions_by_expiry ON kiosk_sessions (expires_at) WHERE ended_at IS NULL;
CREATE UNIQUE INDEX one_kiosk_session_per_handoff ON kiosk_sessions (handoff_id) WHERE handoff_id IS NOT NULL;
