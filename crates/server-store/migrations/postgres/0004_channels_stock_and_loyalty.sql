-- Channel keys and QR tokens are kept as SHA-256: they are 256 random bits, which nobody can guess.

CREATE TABLE channel_keys (
    key_id uuid PRIMARY KEY,
    name text COLLATE "C" NOT NULL UNIQUE,
    key_hash bytea NOT NULL UNIQUE,
    -- The one channel it speaks for; NULL for a service.
    channel text COLLATE "C",
    scopes jsonb NOT NULL,
    created_at timestamptz NOT NULL
);

ALTER TABLE devices ADD COLUMN start_by_phone boolean NOT NULL DEFAULT false;

CREATE TABLE telegram_chats (
    chat_id text COLLATE "C" PRIMARY KEY,
    customer_id text COLLATE "C" NOT NULL
);

CREATE TABLE qr_tokens (
    token_hash bytea PRIMARY KEY,
    session_id uuid NOT NULL UNIQUE REFERENCES sessions (session_id) ON DELETE CASCADE,
    expires_at timestamptz NOT NULL
);

CREATE INDEX qr_tokens_by_expiry ON qr_tokens (expires_at);

-- Sessions that were opened without proof, while every caller was trusted.
CREATE TABLE demo_sessions (
    session_id uuid PRIMARY KEY REFERENCES sessions (session_id) ON DELETE CASCADE
);

-- Pieces that somebody holds; they are still counted in `quantity`.
ALTER TABLE inventory ADD COLUMN held bigint NOT NULL DEFAULT 0 CHECK (held >= 0);

CREATE TABLE stock_holds (
    hold_id uuid PRIMARY KEY,
    sku text COLLATE "C" NOT NULL,
    location text COLLATE "C" NOT NULL,
    quantity bigint NOT NULL CHECK (quantity > 0),
    -- Who may release it.
    owner text COLLATE "C" NOT NULL,
    created_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL
);

CREATE INDEX stock_holds_by_expiry ON stock_holds (expires_at);
CREATE INDEX stock_holds_by_place ON stock_holds (sku, location);
CREATE INDEX stock_holds_by_owner ON stock_holds (owner);

CREATE TABLE payments (
    payment_id text COLLATE "C" PRIMARY KEY,
    order_id text COLLATE "C" NOT NULL,
    customer_id text COLLATE "C" NOT NULL,
    amount_minor bigint NOT NULL,
    method text NOT NULL,
    status text NOT NULL,
    created_at timestamptz NOT NULL
);

CREATE INDEX payments_by_order ON payments (order_id);

-- Codes are kept in upper case.
CREATE TABLE coupons (
    code text COLLATE "C" PRIMARY KEY,
    discount_percent bigint NOT NULL CHECK (discount_percent BETWEEN 1 AND 100),
    min_purchase_minor bigint NOT NULL CHECK (min_purchase_minor >= 0),
    description text NOT NULL
);

CREATE TABLE coupon_uses (
    code text COLLATE "C" NOT NULL,
    customer_id text COLLATE "C" NOT NULL,
    at timestamptz NOT NULL,
    PRIMARY KEY (code, customer_id)
);

-- Times of the day are minutes after midnight in the store's own time; days are 1 (Monday) to 7.
CREATE TABLE promotions (
    name text COLLATE "C" PRIMARY KEY,
    discount_percent bigint NOT NULL CHECK (discount_percent BETWEEN 1 AND 100),
    min_purchase_minor bigint NOT NULL CHECK (min_purchase_minor >= 0),
    days jsonb NOT NULL,
    from_minute bigint NOT NULL CHECK (from_minute BETWEEN 0 AND 1440),
    until_minute bigint NOT NULL CHECK (until_minute BETWEEN 0 AND 1440),
    category text,
    description text NOT NULL
);

CREATE TABLE loyalty_rules (
    one integer PRIMARY KEY CHECK (one = 1),
    body jsonb NOT NULL
);

CREATE TABLE point_changes (
    number bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    customer_id text COLLATE "C" NOT NULL,
    points bigint NOT NULL,
    balance bigint NOT NULL CHECK (balance >= 0),
    reason text NOT NULL,
    order_id text COLLATE "C",
    at timestamptz NOT NULL
);

-- An order is credited once.
CREATE UNIQUE INDEX one_credit_per_order ON point_changes (customer_id, order_id) WHERE order_id IS NOT NULL;
CREATE INDEX orders_by_time ON orders (created_at, order_id);
