-- Channel keys and QR tokens are kept as SHA-256: they are 256 random bits, which nobody can guess.

CREATE TABLE channel_keys (
    key_id BLOB PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,
    key_hash BLOB NOT NULL UNIQUE,
    -- The one channel it speaks for; NULL for a service.
    channel TEXT,
    scopes TEXT NOT NULL,
    created_at INTEGER NOT NULL
) STRICT;

ALTER TABLE devices ADD COLUMN start_by_phone INTEGER NOT NULL DEFAULT 0;

CREATE TABLE telegram_chats (
    chat_id TEXT PRIMARY KEY,
    customer_id TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE qr_tokens (
    token_hash BLOB PRIMARY KEY,
    session_id BLOB NOT NULL UNIQUE REFERENCES sessions (session_id) ON DELETE CASCADE,
    expires_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX qr_tokens_by_expiry ON qr_tokens (expires_at);

-- Sessions that were opened without proof, while every caller was trusted.
CREATE TABLE demo_sessions (
    session_id BLOB PRIMARY KEY REFERENCES sessions (session_id) ON DELETE CASCADE
) STRICT, WITHOUT ROWID;

-- Pieces that somebody holds; they are still counted in `quantity`.
ALTER TABLE inventory ADD COLUMN held INTEGER NOT NULL DEFAULT 0 CHECK (held >= 0);

CREATE TABLE stock_holds (
    hold_id BLOB PRIMARY KEY,
    sku TEXT NOT NULL,
    location TEXT NOT NULL,
    quantity INTEGER NOT NULL CHECK (quantity > 0),
    -- Who may release it.
    owner TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL
) STRICT;

CREATE INDEX stock_holds_by_expiry ON stock_holds (expires_at);
CREATE INDEX stock_holds_by_place ON stock_holds (sku, location);
CREATE INDEX stock_holds_by_owner ON stock_holds (owner);

CREATE TABLE payments (
    payment_id TEXT PRIMARY KEY,
    order_id TEXT NOT NULL,
    customer_id TEXT NOT NULL,
    amount_minor INTEGER NOT NULL,
    method TEXT NOT NULL,
    status TEXT NOT NULL,
    created_at INTEGER NOT NULL
) STRICT;

CREATE INDEX payments_by_order ON payments (order_id);

-- Codes are kept in upper case.
CREATE TABLE coupons (
    code TEXT PRIMARY KEY,
    discount_percent INTEGER NOT NULL CHECK (discount_percent BETWEEN 1 AND 100),
    min_purchase_minor INTEGER NOT NULL CHECK (min_purchase_minor >= 0),
    description TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE coupon_uses (
    code TEXT NOT NULL,
    customer_id TEXT NOT NULL,
    at INTEGER NOT NULL,
    PRIMARY KEY (code, customer_id)
) STRICT, WITHOUT ROWID;

-- Times of the day are minutes after midnight in the store's own time; days are 1 (Monday) to 7.
CREATE TABLE promotions (
    name TEXT PRIMARY KEY,
    discount_percent INTEGER NOT NULL CHECK (discount_percent BETWEEN 1 AND 100),
    min_purchase_minor INTEGER NOT NULL CHECK (min_purchase_minor >= 0),
    days TEXT NOT NULL,
    from_minute INTEGER NOT NULL CHECK (from_minute BETWEEN 0 AND 1440),
    until_minute INTEGER NOT NULL CHECK (until_minute BETWEEN 0 AND 1440),
    category TEXT,
    description TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE loyalty_rules (
    one INTEGER PRIMARY KEY CHECK (one = 1),
    body TEXT NOT NULL
) STRICT;

CREATE TABLE point_changes (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    customer_id TEXT NOT NULL,
    points INTEGER NOT NULL,
    balance INTEGER NOT NULL CHECK (balance >= 0),
    reason TEXT NOT NULL,
    order_id TEXT,
    at INTEGER NOT NULL
) STRICT;

-- An order is credited once.
CREATE UNIQUE INDEX one_credit_per_order ON point_changes (customer_id, order_id) WHERE order_id IS NOT NULL;
CREATE INDEX orders_by_time ON orders (created_at, order_id);
