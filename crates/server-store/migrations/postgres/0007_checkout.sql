-- Where the pieces of an order go.
ALTER TABLE orders ADD COLUMN shipping_address jsonb;
-- What the payments service calls a payment.
ALTER TABLE payments ADD COLUMN transaction_id text;
