-- Everything lives in the schema `vitrine`, which the connection looks into. Texts that are sorted or compared as ids have
-- the collation "C", so that their order does not depend on the machine. Money is in the currency's smallest unit.

CREATE TABLE shops (
    one integer PRIMARY KEY CHECK (one = 1),
    body jsonb NOT NULL
);

CREATE TABLE stores (
    store_id text COLLATE "C" PRIMARY KEY,
    name text NOT NULL,
    city text NOT NULL,
    address text NOT NULL,
    opening_hours text NOT NULL
);

CREATE TABLE products (
    sku text COLLATE "C" PRIMARY KEY,
    name text NOT NULL,
    description text NOT NULL,
    price_minor bigint NOT NULL CHECK (price_minor >= 0),
    rating double precision,
    listed_stock bigint NOT NULL,
    category text NOT NULL,
    subcategory text,
    brand text,
    gender text,
    color text,
    image_url text NOT NULL,
    attributes jsonb NOT NULL,
    -- Folded words of every column that is searched; A name, B colour, C category, D the rest.
    words tsvector NOT NULL
);

CREATE INDEX products_by_word ON products USING gin (words);

CREATE TABLE inventory (
    sku text COLLATE "C" NOT NULL,
    location text COLLATE "C" NOT NULL,
    quantity bigint NOT NULL CHECK (quantity >= 0),
    PRIMARY KEY (sku, location)
);

CREATE TABLE customers (
    customer_id text COLLATE "C" PRIMARY KEY,
    name text NOT NULL,
    age integer,
    gender text NOT NULL,
    phone text COLLATE "C" NOT NULL,
    city text NOT NULL,
    building_name text NOT NULL,
    address_landmark text NOT NULL,
    loyalty_tier text NOT NULL,
    loyalty_points bigint NOT NULL CHECK (loyalty_points >= 0),
    device_preference text NOT NULL,
    total_spend_minor bigint NOT NULL,
    items_purchased bigint NOT NULL,
    average_rating double precision NOT NULL,
    days_since_last_purchase bigint NOT NULL,
    satisfaction text NOT NULL,
    purchase_history jsonb NOT NULL
);

CREATE UNIQUE INDEX customers_by_phone ON customers (phone) WHERE phone <> '';

-- The highest number ever given, so that an id is never given twice.
CREATE TABLE customer_numbers (
    one integer PRIMARY KEY CHECK (one = 1),
    highest bigint NOT NULL
);

INSERT INTO customer_numbers (one, highest) VALUES (1, 100);

CREATE TABLE orders (
    order_id text COLLATE "C" PRIMARY KEY,
    customer_id text COLLATE "C" NOT NULL,
    items jsonb NOT NULL,
    total_minor bigint NOT NULL,
    status text NOT NULL,
    created_at timestamptz NOT NULL
);

CREATE INDEX orders_by_customer ON orders (customer_id, created_at);

CREATE TABLE accounts (
    account_id uuid PRIMARY KEY,
    phone text COLLATE "C" UNIQUE,
    phone_verified boolean NOT NULL,
    email text COLLATE "C" UNIQUE,
    password_hash text,
    customer_id text COLLATE "C" UNIQUE REFERENCES customers (customer_id),
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL
);

CREATE TABLE sessions (
    session_id uuid PRIMARY KEY,
    generation bigint NOT NULL,
    token_hash bytea NOT NULL UNIQUE,
    customer_id text COLLATE "C" NOT NULL,
    phone text COLLATE "C" NOT NULL,
    telegram_chat_id text,
    channel text NOT NULL,
    user_id text NOT NULL,
    guest boolean NOT NULL,
    assurance text NOT NULL,
    state jsonb NOT NULL,
    version bigint NOT NULL,
    status text NOT NULL CHECK (status IN ('active', 'expired', 'logged_out')),
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL
);

CREATE UNIQUE INDEX one_active_session_per_customer ON sessions (customer_id) WHERE status = 'active';
-- Operators look sessions up by phone.
CREATE INDEX sessions_by_phone ON sessions (phone);

CREATE TABLE chat_entries (
    number bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    entry_id uuid NOT NULL UNIQUE,
    session_id uuid NOT NULL REFERENCES sessions (session_id) ON DELETE CASCADE,
    sender text NOT NULL,
    message text NOT NULL,
    channel text NOT NULL,
    metadata jsonb,
    at timestamptz NOT NULL
);

CREATE INDEX chat_entries_by_session ON chat_entries (session_id, number);

-- Numbers are drawn while the writer holds the lock of all writers, so they grow in the order of commits.
CREATE TABLE events (
    cursor bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    topic text COLLATE "C" NOT NULL,
    kind text NOT NULL,
    body jsonb NOT NULL,
    at timestamptz NOT NULL
);

CREATE INDEX events_by_topic ON events (topic, cursor);

-- The newest event that is no longer kept.
CREATE TABLE forgotten_events (
    one integer PRIMARY KEY CHECK (one = 1),
    cursor bigint NOT NULL
);

INSERT INTO forgotten_events (one, cursor) VALUES (1, 0);

CREATE TABLE ops (
    device_id uuid NOT NULL,
    op_key uuid NOT NULL,
    refusal jsonb,
    at timestamptz NOT NULL,
    PRIMARY KEY (device_id, op_key)
);

CREATE TABLE kept_answers (
    slot bytea PRIMARY KEY,
    body_mac bytea NOT NULL,
    status integer NOT NULL,
    sealed_answer bytea NOT NULL,
    at timestamptz NOT NULL
);

CREATE TABLE awaited_answers (
    entry_id uuid PRIMARY KEY REFERENCES chat_entries (entry_id) ON DELETE CASCADE,
    session_id uuid NOT NULL,
    store_id text COLLATE "C",
    at timestamptz NOT NULL
);

-- What other tools read: the documented tables as views, in a schema of their own.

CREATE SCHEMA IF NOT EXISTS vitrine_public;

CREATE FUNCTION currency_digits() RETURNS integer LANGUAGE sql STABLE AS $$
    SELECT CASE
        WHEN currency IN ('BIF', 'CLP', 'DJF', 'GNF', 'ISK', 'JPY', 'KMF', 'KRW', 'PYG', 'RWF', 'UGX', 'UYI', 'VND', 'VUV', 'XAF', 'XOF', 'XPF') THEN 0
        WHEN currency IN ('BHD', 'IQD', 'JOD', 'KWD', 'LYD', 'OMR', 'TND') THEN 3
        ELSE 2
    END
    FROM (SELECT (SELECT body ->> 'currency' FROM vitrine.shops) AS currency) AS shop
$$;

CREATE FUNCTION decimal_amount(minor bigint) RETURNS numeric LANGUAGE sql STABLE AS $$
    SELECT round(minor / power(10::numeric, vitrine.currency_digits()), vitrine.currency_digits())
$$;

CREATE VIEW vitrine_public.sessions AS
SELECT
    session_id,
    customer_id::text AS customer_id,
    phone::text AS phone,
    channel,
    -- Of the token only this hash is kept.
    encode(token_hash, 'hex') AS session_token,
    status,
    created_at,
    -- Reading moves the expiry without being a change.
    greatest(updated_at, expires_at - interval '7 days') AS last_activity,
    expires_at,
    (state - 'cart' - 'shipping_address')
    || CASE WHEN jsonb_typeof(state -> 'shipping_address') = 'object'
        THEN jsonb_build_object('shipping_address', state -> 'shipping_address') ELSE '{}' END
    || jsonb_build_object(
        'cart', (
            SELECT coalesce(jsonb_agg(
                (line - 'price_minor') || jsonb_build_object('name', product.name, 'price', vitrine.decimal_amount(product.price_minor))
                ORDER BY place
            ), '[]')
            FROM jsonb_array_elements(state -> 'cart') WITH ORDINALITY AS cart (line, place)
            JOIN vitrine.products AS product ON product.sku = line ->> 'sku'
        ),
        'chat_context', (
            SELECT coalesce(jsonb_agg(jsonb_build_object(
                'sender', entry.sender,
                'message', entry.message,
                'timestamp', to_char(entry.at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'),
                'metadata', coalesce(entry.metadata, '{}')
            ) ORDER BY entry.number), '[]')
            FROM (
                SELECT * FROM vitrine.chat_entries AS kept WHERE kept.session_id = sessions.session_id ORDER BY number DESC LIMIT 200
            ) AS entry
        )
    ) AS metadata
FROM vitrine.sessions;

CREATE VIEW vitrine_public.customers AS
SELECT
    customer_id::text AS customer_id,
    name,
    age,
    gender,
    phone::text AS phone_number,
    city,
    building_name,
    address_landmark,
    loyalty_tier,
    least(loyalty_points, 2147483647)::integer AS loyalty_points,
    device_preference,
    vitrine.decimal_amount(total_spend_minor) AS total_spend,
    least(items_purchased, 2147483647)::integer AS items_purchased,
    average_rating::numeric AS average_rating,
    least(days_since_last_purchase, 2147483647)::integer AS days_since_last_purchase,
    satisfaction,
    purchase_history
FROM vitrine.customers;

CREATE VIEW vitrine_public.products AS
SELECT
    sku::text AS sku,
    name,
    description,
    vitrine.decimal_amount(price_minor) AS price,
    rating::numeric AS rating,
    coalesce((SELECT sum(quantity) FROM vitrine.inventory WHERE inventory.sku = products.sku), listed_stock)::bigint AS stock,
    category,
    subcategory,
    brand,
    gender,
    color,
    image_url,
    attributes
FROM vitrine.products;

CREATE VIEW vitrine_public.inventory AS
SELECT sku::text AS sku, location::text AS location, quantity FROM vitrine.inventory;
