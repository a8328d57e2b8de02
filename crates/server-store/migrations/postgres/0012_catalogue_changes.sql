-- What kiosks have yet to hear of the catalogue. The database itself numbers every change, so that none is missed, whoever
-- makes it.

CREATE TABLE catalogue_changes (
    sku text COLLATE "C" PRIMARY KEY,
    -- Of the newest change.
    number bigint NOT NULL,
    -- Of the newest change of more than the stock.
    product_number bigint NOT NULL,
    gone boolean NOT NULL DEFAULT false,
    -- When it was first noticed to be gone.
    gone_at timestamptz
);

CREATE UNIQUE INDEX catalogue_changes_by_number ON catalogue_changes (number);
CREATE INDEX catalogue_changes_gone ON catalogue_changes (gone_at) WHERE gone;

CREATE SEQUENCE catalogue_numbers;

CREATE TABLE catalogue_place (
    one integer PRIMARY KEY CHECK (one = 1),
    -- Another one begins when all that was told no longer holds.
    epoch text COLLATE "C" NOT NULL,
    -- The newest number of a product that is gone and no longer remembered.
    forgotten bigint NOT NULL
);

INSERT INTO catalogue_place (one, epoch, forgotten) VALUES (1, replace(gen_random_uuid()::text, '-', ''), 0);
INSERT INTO catalogue_changes (sku, number, product_number)
SELECT sku, number, number FROM (SELECT sku, nextval('catalogue_numbers') AS number FROM products) AS numbered;

-- Numbers are drawn while the writer holds the lock of all writers, so they grow in the order of commits. Whoever writes past
-- the server takes that lock before any row, so that the two never wait for each other.
CREATE FUNCTION wait_for_writers() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_advisory_xact_lock(8532479003774051585);
    RETURN NULL;
END
$$;

CREATE FUNCTION product_has_changed(changed text) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    next bigint := nextval('vitrine.catalogue_numbers');
BEGIN
    INSERT INTO vitrine.catalogue_changes (sku, number, product_number) VALUES (changed, next, next)
    ON CONFLICT (sku) DO UPDATE
    SET number = excluded.number, product_number = excluded.product_number, gone = false, gone_at = NULL;
END
$$;

CREATE FUNCTION number_product() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP <> 'INSERT' AND (TG_OP = 'DELETE' OR OLD.sku <> NEW.sku) THEN
        UPDATE vitrine.catalogue_changes SET number = nextval('vitrine.catalogue_numbers'), gone = true WHERE sku = OLD.sku;
    END IF;
    IF TG_OP <> 'DELETE' THEN
        PERFORM vitrine.product_has_changed(NEW.sku);
    END IF;
    RETURN NULL;
END
$$;

CREATE FUNCTION number_stock() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP <> 'INSERT' AND (TG_OP = 'DELETE' OR OLD.sku <> NEW.sku) THEN
        UPDATE vitrine.catalogue_changes SET number = nextval('vitrine.catalogue_numbers') WHERE sku = OLD.sku AND NOT gone;
    END IF;
    IF TG_OP <> 'DELETE' THEN
        UPDATE vitrine.catalogue_changes SET number = nextval('vitrine.catalogue_numbers') WHERE sku = NEW.sku AND NOT gone;
    END IF;
    RETURN NULL;
END
$$;

CREATE FUNCTION begin_catalogue_anew() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE vitrine.catalogue_place SET epoch = replace(gen_random_uuid()::text, '-', '');
    RETURN NULL;
END
$$;

CREATE TRIGGER writers_of_products BEFORE INSERT OR UPDATE OR DELETE OR TRUNCATE ON products
FOR EACH STATEMENT EXECUTE FUNCTION wait_for_writers();

CREATE TRIGGER product_added_or_removed AFTER INSERT OR DELETE ON products FOR EACH ROW EXECUTE FUNCTION number_product();

CREATE TRIGGER product_changed AFTER UPDATE ON products FOR EACH ROW
WHEN ((OLD.sku, OLD.name, OLD.description, OLD.price_minor, OLD.rating, OLD.category, OLD.subcategory, OLD.brand, OLD.gender,
        OLD.color, OLD.image_url, OLD.attributes)
    IS DISTINCT FROM (NEW.sku, NEW.name, NEW.description, NEW.price_minor, NEW.rating, NEW.category, NEW.subcategory, NEW.brand,
        NEW.gender, NEW.color, NEW.image_url, NEW.attributes))
EXECUTE FUNCTION number_product();

CREATE TRIGGER listed_stock_changed AFTER UPDATE ON products FOR EACH ROW
WHEN (OLD.listed_stock <> NEW.listed_stock) EXECUTE FUNCTION number_stock();

CREATE TRIGGER products_emptied AFTER TRUNCATE ON products FOR EACH STATEMENT EXECUTE FUNCTION begin_catalogue_anew();

CREATE TRIGGER writers_of_stock BEFORE INSERT OR UPDATE OR DELETE OR TRUNCATE ON inventory
FOR EACH STATEMENT EXECUTE FUNCTION wait_for_writers();

CREATE TRIGGER stock_added_or_removed AFTER INSERT OR DELETE ON inventory FOR EACH ROW EXECUTE FUNCTION number_stock();

CREATE TRIGGER stock_changed AFTER UPDATE ON inventory FOR EACH ROW
WHEN ((OLD.sku, OLD.location, greatest(0, OLD.quantity - OLD.held))
    IS DISTINCT FROM (NEW.sku, NEW.location, greatest(0, NEW.quantity - NEW.held)))
EXECUTE FUNCTION number_stock();

CREATE TRIGGER stock_emptied AFTER TRUNCATE ON inventory FOR EACH STATEMENT EXECUTE FUNCTION begin_catalogue_anew();

-- Every price is in the shop's currency.
CREATE TRIGGER shop_added AFTER INSERT ON shops FOR EACH ROW EXECUTE FUNCTION begin_catalogue_anew();

CREATE TRIGGER currency_changed AFTER UPDATE ON shops FOR EACH ROW
WHEN (OLD.body ->> 'currency' IS DISTINCT FROM NEW.body ->> 'currency') EXECUTE FUNCTION begin_catalogue_anew();
