-- What several nodes tell each other besides the records.

-- Things that are good once, by their SHA-256.
CREATE TABLE uses (
    id bytea PRIMARY KEY,
    at timestamptz NOT NULL
);

CREATE INDEX uses_by_time ON uses (at);

-- Failures, by a keyed hash of who failed.
CREATE TABLE counters (
    key bytea PRIMARY KEY,
    failures bigint NOT NULL,
    blocked_until timestamptz NOT NULL
);

CREATE INDEX counters_by_time ON counters (blocked_until);

-- Tells the server key that the nodes share from any other, and opens nothing.
CREATE TABLE server_key (
    one integer PRIMARY KEY CHECK (one = 1),
    fingerprint bytea NOT NULL
);
