-- Answers of the chat that take their time.
CREATE TABLE chat_tasks (
    task_id text COLLATE "C" PRIMARY KEY,
    -- The profile of whoever asked.
    owner uuid NOT NULL,
    status text COLLATE "C" NOT NULL CHECK (status IN ('PENDING', 'STARTED', 'SUCCESS', 'FAILURE')),
    result jsonb,
    error text COLLATE "C",
    at timestamptz NOT NULL
);

CREATE INDEX chat_tasks_by_time ON chat_tasks (at);

-- Photos and videos of customers; the files lie beside the server.
CREATE TABLE media (
    media_id uuid PRIMARY KEY,
    file text COLLATE "C" NOT NULL UNIQUE,
    -- A profile's id.
    owner uuid NOT NULL,
    session_id uuid,
    kind text COLLATE "C" NOT NULL CHECK (kind IN ('image', 'video')),
    mime_type text COLLATE "C" NOT NULL,
    filename text,
    size_bytes bigint NOT NULL CHECK (size_bytes >= 0),
    created_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL
);

CREATE INDEX media_by_owner ON media (owner);
CREATE INDEX media_by_session ON media (session_id) WHERE session_id IS NOT NULL;
CREATE INDEX media_by_expiry ON media (expires_at);

-- What answers cost, in millionths of a US dollar.
CREATE TABLE assistant_spending (
    -- A profile's or a session's id.
    who uuid NOT NULL,
    -- Days since 1970; 0 for what is counted for as long as a session lives.
    day bigint NOT NULL,
    micro_usd bigint NOT NULL,
    at timestamptz NOT NULL,
    PRIMARY KEY (who, day)
);

CREATE INDEX assistant_spending_by_time ON assistant_spending (at);
