-- Where the pieces of an order go, as JSON.
ALTER TABLE orders ADD COLUMN shipping_address TEXT;
-- What the payments service calls a payment.
ALTER TABLE payments ADD COLUMN transaction_id TEXT;
