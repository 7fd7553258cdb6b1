-- Moves everything that Alembic made from legacy_alembic back to its schema. Release 1.0 was rolled back there before.
DO $$
DECLARE
    here   text = @name@;
    object record;
BEGIN
    DROP TABLE legacy_alembic.take_over;
    DROP FUNCTION IF EXISTS legacy_alembic.named, legacy_alembic.shown, legacy_alembic.what_hangs_on, legacy_alembic.parts;
    FOR object IN
        SELECT CASE relkind WHEN 'm' THEN 'MATERIALIZED VIEW' ELSE 'TABLE' END AS kind, oid::regclass::text AS name
        FROM pg_class WHERE relnamespace = 'legacy_alembic'::regnamespace AND relkind IN ('r', 'm')
        UNION ALL
        SELECT 'FUNCTION', oid::regprocedure::text FROM pg_proc WHERE pronamespace = 'legacy_alembic'::regnamespace
    LOOP
        EXECUTE format('ALTER %s %s SET SCHEMA %s', object.kind, object.name, here);
    END LOOP;
    DROP SCHEMA legacy_alembic;
    DROP TABLE @schema@.databasechangelog;
END $$;
