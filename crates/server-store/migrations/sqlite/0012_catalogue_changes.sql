-- What kiosks have yet to hear of the catalogue. The database itself numbers every change, so that none is missed, whoever
-- makes it.

CREATE TABLE catalogue_changes (
    sku TEXT PRIMARY KEY,
    -- Of the newest change.
    number INTEGER NOT NULL,
    -- Of the newest change of more than the stock.
    product_number INTEGER NOT NULL,
    gone INTEGER NOT NULL DEFAULT 0,
    -- When it was first noticed to be gone.
    gone_at INTEGER
) STRICT, WITHOUT ROWID;

CREATE UNIQUE INDEX catalogue_changes_by_number ON catalogue_changes (number);
CREATE INDEX catalogue_changes_gone ON catalogue_changes (gone_at) WHERE gone;

CREATE TABLE catalogue_place (
    one INTEGER PRIMARY KEY CHECK (one = 1),
    -- Another one begins when all that was told no longer holds.
    epoch TEXT NOT NULL,
    -- The newest number of a product that is gone and no longer remembered.
    forgotten INTEGER NOT NULL
) STRICT;

INSERT INTO catalogue_place (one, epoch, forgotten) VALUES (1, lower(hex(randomblob(8))), 0);
INSERT INTO catalogue_changes (sku, number, product_number)
SELECT sku, row_number() OVER (ORDER BY number), row_number() OVER (ORDER BY number) FROM products;

CREATE VIEW next_catalogue_change AS
SELECT max(forgotten, coalesce((SELECT max(number) FROM catalogue_changes), 0)) + 1 AS number FROM catalogue_place;

CREATE TRIGGER product_added AFTER INSERT ON products BEGIN
    INSERT INTO catalogue_changes (sku, number, product_number)
    SELECT NEW.sku, number, number FROM next_catalogue_change WHERE true
    ON CONFLICT (sku) DO UPDATE SET number = excluded.number, product_number = excluded.product_number, gone = 0, gone_at = NULL;
END;

CREATE TRIGGER product_changed AFTER UPDATE ON products
WHEN (OLD.sku, OLD.name, OLD.description, OLD.price_minor, OLD.rating, OLD.category, OLD.subcategory, OLD.brand, OLD.gender,
        OLD.color, OLD.image_url, OLD.attributes)
    IS NOT (NEW.sku, NEW.name, NEW.description, NEW.price_minor, NEW.rating, NEW.category, NEW.subcategory, NEW.brand, NEW.gender,
        NEW.color, NEW.image_url, NEW.attributes)
BEGIN
    UPDATE catalogue_changes SET number = (SELECT number FROM next_catalogue_change), gone = 1
    WHERE sku = OLD.sku AND OLD.sku <> NEW.sku;
    INSERT INTO catalogue_changes (sku, number, product_number)
    SELECT NEW.sku, number, number FROM next_catalogue_change WHERE true
    ON CONFLICT (sku) DO UPDATE SET number = excluded.number, product_number = excluded.product_number, gone = 0, gone_at = NULL;
END;

CREATE TRIGGER product_removed AFTER DELETE ON products BEGIN
    UPDATE catalogue_changes SET number = (SELECT number FROM next_catalogue_change), gone = 1 WHERE sku = OLD.sku;
END;

CREATE TRIGGER listed_stock_changed AFTER UPDATE ON products WHEN OLD.listed_stock <> NEW.listed_stock BEGIN
    UPDATE catalogue_changes SET number = (SELECT number FROM next_catalogue_change) WHERE sku = NEW.sku;
END;

CREATE TRIGGER stock_added AFTER INSERT ON inventory BEGIN
    UPDATE catalogue_changes SET number = (SELECT number FROM next_catalogue_change) WHERE sku = NEW.sku AND NOT gone;
END;

CREATE TRIGGER stock_changed AFTER UPDATE ON inventory
WHEN (OLD.sku, OLD.location, max(0, OLD.quantity - OLD.held)) IS NOT (NEW.sku, NEW.location, max(0, NEW.quantity - NEW.held))
BEGIN
    UPDATE catalogue_changes SET number = (SELECT number FROM next_catalogue_change)
    WHERE sku = OLD.sku AND OLD.sku <> NEW.sku AND NOT gone;
    UPDATE catalogue_changes SET number = (SELECT number FROM next_catalogue_change) WHERE sku = NEW.sku AND NOT gone;
END;

CREATE TRIGGER stock_removed AFTER DELETE ON inventory BEGIN
    UPDATE catalogue_changes SET number = (SELECT number FROM next_catalogue_change) WHERE sku = OLD.sku AND NOT gone;
END;

-- Every price is in the shop's currency.
CREATE TRIGGER shop_added AFTER INSERT ON shops BEGIN
    UPDATE catalogue_place SET epoch = lower(hex(randomblob(8)));
END;

CREATE TRIGGER currency_changed AFTER UPDATE ON shops
WHEN json_extract(OLD.body, '$.currency') IS NOT json_extract(NEW.body, '$.currency')
BEGIN
    UPDATE catalogue_place SET epoch = lower(hex(randomblob(8)));
END;
