-- Answers of the chat that take their time.
CREATE TABLE chat_tasks (
    task_id TEXT PRIMARY KEY,
    -- The profile of whoever asked.
    owner BLOB NOT NULL,
    status TEXT NOT NULL CHECK (status IN ('PENDING', 'STARTED', 'SUCCESS', 'FAILURE')),
    result TEXT,
    error TEXT,
    at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX chat_tasks_by_time ON chat_tasks (at);

-- Photos and videos of customers; the files lie beside the database.
CREATE TABLE media (
    media_id BLOB PRIMARY KEY,
    file TEXT NOT NULL UNIQUE,
    -- A profile's id.
    owner BLOB NOT NULL,
    session_id BLOB,
    kind TEXT NOT NULL CHECK (kind IN ('image', 'video')),
    mime_type TEXT NOT NULL,
    filename TEXT,
    size_bytes INTEGER NOT NULL CHECK (size_bytes >= 0),
    created_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL
) STRICT;

CREATE INDEX media_by_owner ON media (owner);
CREATE INDEX media_by_session ON media (session_id) WHERE session_id IS NOT NULL;
CREATE INDEX media_by_expiry ON media (expires_at);

-- What answers cost, in millionths of a US dollar.
CREATE TABLE assistant_spending (
    -- A profile's or a session's id.
    who BLOB NOT NULL,
    -- Days since 1970; 0 for what is counted for as long as a session lives.
    day INTEGER NOT NULL,
    micro_usd INTEGER NOT NULL,
    at INTEGER NOT NULL,
    PRIMARY KEY (who, day)
) STRICT, WITHOUT ROWID;

CREATE INDEX assistant_spending_by_time ON assistant_spending (at);
