-- Instants are microseconds since 1970 in UTC; ids are 16 bytes; money is in the currency's smallest unit.

CREATE TABLE shops (
    one INTEGER PRIMARY KEY CHECK (one = 1),
    body TEXT NOT NULL
) STRICT;

CREATE TABLE stores (
    store_id TEXT PRIMARY KEY,
    name TEXT NOT NULL,
    city TEXT NOT NULL,
    address TEXT NOT NULL,
    opening_hours TEXT NOT NULL
) STRICT;

CREATE TABLE products (
    number INTEGER PRIMARY KEY,
    sku TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL,
    description TEXT NOT NULL,
    price_minor INTEGER NOT NULL CHECK (price_minor >= 0),
    rating REAL,
    listed_stock INTEGER NOT NULL,
    category TEXT NOT NULL,
    subcategory TEXT,
    brand TEXT,
    gender TEXT,
    color TEXT,
    image_url TEXT NOT NULL,
    attributes TEXT NOT NULL
) STRICT;

CREATE VIRTUAL TABLE product_words USING fts5 (
    name, subcategory, category, color, brand, description, attributes,
    tokenize = 'unicode61 remove_diacritics 2'
);

CREATE TABLE inventory (
    sku TEXT NOT NULL,
    location TEXT NOT NULL,
    quantity INTEGER NOT NULL CHECK (quantity >= 0),
    PRIMARY KEY (sku, location)
) STRICT, WITHOUT ROWID;

CREATE TABLE customers (
    customer_id TEXT PRIMARY KEY,
    name TEXT NOT NULL,
    age INTEGER,
    gender TEXT NOT NULL,
    phone TEXT NOT NULL,
    city TEXT NOT NULL,
    building_name TEXT NOT NULL,
    address_landmark TEXT NOT NULL,
    loyalty_tier TEXT NOT NULL,
    loyalty_points INTEGER NOT NULL CHECK (loyalty_points >= 0),
    device_preference TEXT NOT NULL,
    total_spend_minor INTEGER NOT NULL,
    items_purchased INTEGER NOT NULL,
    average_rating REAL NOT NULL,
    days_since_last_purchase INTEGER NOT NULL,
    satisfaction TEXT NOT NULL,
    purchase_history TEXT NOT NULL
) STRICT;

CREATE UNIQUE INDEX customers_by_phone ON customers (phone) WHERE phone <> '';

-- The highest number ever given, so that an id is never given twice.
CREATE TABLE customer_numbers (
    one INTEGER PRIMARY KEY CHECK (one = 1),
    highest INTEGER NOT NULL
) STRICT;

INSERT INTO customer_numbers (one, highest) VALUES (1, 100);

CREATE TABLE orders (
    order_id TEXT PRIMARY KEY,
    customer_id TEXT NOT NULL,
    items TEXT NOT NULL,
    total_minor INTEGER NOT NULL,
    status TEXT NOT NULL,
    created_at INTEGER NOT NULL
) STRICT;

CREATE INDEX orders_by_customer ON orders (customer_id, created_at);

CREATE TABLE accounts (
    account_id BLOB PRIMARY KEY,
    phone TEXT UNIQUE,
    phone_verified INTEGER NOT NULL,
    email TEXT UNIQUE,
    password_hash TEXT,
    customer_id TEXT UNIQUE REFERENCES customers (customer_id),
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL
) STRICT;

CREATE TABLE sessions (
    session_id BLOB PRIMARY KEY,
    generation INTEGER NOT NULL,
    token_hash BLOB NOT NULL UNIQUE,
    customer_id TEXT NOT NULL,
    phone TEXT NOT NULL,
    telegram_chat_id TEXT,
    channel TEXT NOT NULL,
    user_id TEXT NOT NULL,
    guest INTEGER NOT NULL,
    assurance TEXT NOT NULL,
    state TEXT NOT NULL,
    version INTEGER NOT NULL,
    status TEXT NOT NULL CHECK (status IN ('active', 'expired', 'logged_out')),
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL
) STRICT;

CREATE UNIQUE INDEX one_active_session_per_customer ON sessions (customer_id) WHERE status = 'active';

CREATE TABLE chat_entries (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    entry_id BLOB NOT NULL UNIQUE,
    session_id BLOB NOT NULL REFERENCES sessions (session_id) ON DELETE CASCADE,
    sender TEXT NOT NULL,
    message TEXT NOT NULL,
    channel TEXT NOT NULL,
    metadata TEXT,
    at INTEGER NOT NULL
) STRICT;

CREATE INDEX chat_entries_by_session ON chat_entries (session_id, number);

CREATE TABLE events (
    cursor INTEGER PRIMARY KEY AUTOINCREMENT,
    topic TEXT NOT NULL,
    kind TEXT NOT NULL,
    body TEXT NOT NULL,
    at INTEGER NOT NULL
) STRICT;

CREATE INDEX events_by_topic ON events (topic, cursor);

-- The newest event that is no longer kept.
CREATE TABLE forgotten_events (
    one INTEGER PRIMARY KEY CHECK (one = 1),
    cursor INTEGER NOT NULL
) STRICT;

INSERT INTO forgotten_events (one, cursor) VALUES (1, 0);

CREATE TABLE ops (
    device_id BLOB NOT NULL,
    op_key BLOB NOT NULL,
    refusal TEXT,
    at INTEGER NOT NULL,
    PRIMARY KEY (device_id, op_key)
) STRICT, WITHOUT ROWID;

CREATE TABLE kept_answers (
    slot BLOB PRIMARY KEY,
    body_mac BLOB NOT NULL,
    status INTEGER NOT NULL,
    sealed_answer BLOB NOT NULL,
    at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE awaited_answers (
    entry_id BLOB PRIMARY KEY REFERENCES chat_entries (entry_id) ON DELETE CASCADE,
    session_id BLOB NOT NULL,
    store_id TEXT,
    at INTEGER NOT NULL
) STRICT;
