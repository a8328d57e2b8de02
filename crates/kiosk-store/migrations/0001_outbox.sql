-- Changes on their way to the server, oldest first. The body of a wedged change is erased: it will never be sent.
CREATE TABLE outbox (
    seq              INTEGER PRIMARY KEY AUTOINCREMENT,
    key              BLOB NOT NULL UNIQUE,
    kiosk_session_id BLOB NOT NULL,
    made_at          TEXT NOT NULL,
    body             TEXT NOT NULL,
    attempts         INTEGER NOT NULL DEFAULT 0,
    next_at          TEXT,
    state            TEXT NOT NULL DEFAULT 'waiting' CHECK (state IN ('waiting', 'wedged')),
    reason           TEXT
) STRICT;

CREATE INDEX outbox_by_state ON outbox (state, seq);

-- What the device must remember over a restart; nothing about a customer.
CREATE TABLE setting (
    name  TEXT PRIMARY KEY,
    value TEXT NOT NULL
) STRICT, WITHOUT ROWID;
