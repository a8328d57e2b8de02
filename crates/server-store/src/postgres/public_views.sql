-- The documented tables are found in `public` wherever nothing else has their names. Done at each start, because a database
-- that was restored from a backup of our own schemas lacks them.
--
-- A hosted database may hand everything in `public` to callers from the internet (roles anon and authenticated): they get
-- the products, which are public anyway, and nothing else.
DO $$
DECLARE
    relation text;
    grantee text;
BEGIN
    IF to_regnamespace('public') IS NOT NULL AND has_schema_privilege('public', 'CREATE') THEN
        FOREACH relation IN ARRAY ARRAY['sessions', 'customers', 'products', 'inventory'] LOOP
            -- A composite type or sequence of that name is in the way as much as a table.
            IF NOT EXISTS (SELECT FROM pg_class WHERE relname = relation AND relnamespace = 'public'::regnamespace)
                AND NOT EXISTS (SELECT FROM pg_type WHERE typname = relation AND typnamespace = 'public'::regnamespace) THEN
                EXECUTE format('CREATE VIEW public.%I AS SELECT * FROM vitrine_public.%I', relation, relation);
                EXECUTE format('COMMENT ON VIEW public.%I IS %L', relation, 'Kept by vitrine-server. Read only.');
                FOREACH grantee IN ARRAY ARRAY['anon', 'authenticated', 'service_role'] LOOP
                    IF EXISTS (SELECT FROM pg_roles WHERE rolname = grantee) THEN
                        EXECUTE format('REVOKE ALL ON public.%I FROM %I', relation, grantee);
                        IF relation = 'products' OR grantee = 'service_role' THEN
                            EXECUTE format('GRANT SELECT ON public.%I TO %I', relation, grantee);
                        END IF;
                    END IF;
                END LOOP;
                EXECUTE format('REVOKE ALL ON public.%I FROM PUBLIC', relation);
            END IF;
        END LOOP;
    END IF;
END
$$;
