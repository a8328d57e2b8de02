-- Voice sessions that begin here: the room of the media server, how the agent speaks, and the count of the transcript.

ALTER TABLE voice_sessions ADD COLUMN media_room TEXT;
ALTER TABLE voice_sessions ADD COLUMN identity TEXT;
ALTER TABLE voice_sessions ADD COLUMN voice TEXT;
ALTER TABLE voice_sessions ADD COLUMN language TEXT;
ALTER TABLE voice_sessions ADD COLUMN topics TEXT NOT NULL DEFAULT '[]';
-- Of everything in the transcript, what is not kept too.
ALTER TABLE voice_sessions ADD COLUMN last_seq INTEGER NOT NULL DEFAULT 0;
ALTER TABLE voice_sessions ADD COLUMN end_reason TEXT;
-- The highest number that a sender gave.
ALTER TABLE voice_sessions ADD COLUMN last_sent_seq INTEGER NOT NULL DEFAULT 0;

-- The number that the sender gave it; `seq` is the server's own.
ALTER TABLE utterances ADD COLUMN sent_seq INTEGER;

UPDATE utterances SET sent_seq = seq;

CREATE UNIQUE INDEX utterances_by_sent_seq ON utterances (voice_session_id, sent_seq) WHERE sent_seq IS NOT NULL;

UPDATE voice_sessions SET last_seq = coalesce(
    (SELECT max(seq) FROM utterances WHERE utterances.voice_session_id = voice_sessions.voice_session_id), 0);

UPDATE voice_sessions SET last_sent_seq = last_seq;

CREATE UNIQUE INDEX voice_sessions_by_media_room ON voice_sessions (media_room) WHERE media_room IS NOT NULL;

-- Rooms that wait for their session. Tickets are kept as SHA-256, the address of who reserved as a keyed hash.
CREATE TABLE voice_reservations (
    ticket_hash BLOB PRIMARY KEY,
    media_room TEXT NOT NULL UNIQUE,
    room TEXT NOT NULL,
    identity TEXT NOT NULL,
    caller BLOB NOT NULL,
    expires_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX voice_reservations_by_time ON voice_reservations (expires_at);
CREATE INDEX voice_reservations_by_caller ON voice_reservations (caller, identity, room);

CREATE TABLE voice_agents (
    name TEXT PRIMARY KEY,
    stt TEXT,
    tts TEXT,
    llm TEXT,
    tts_voice TEXT,
    ready INTEGER NOT NULL,
    seen_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE voice_reports (
    one INTEGER PRIMARY KEY CHECK (one = 1),
    last_at INTEGER NOT NULL,
    utterances INTEGER NOT NULL
) STRICT;
