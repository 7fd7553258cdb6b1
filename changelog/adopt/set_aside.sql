-- Moves everything that Alembic made to the schema legacy_alembic, so that release 1.0 can be built in its place.
--
-- The two placeholders become the schema of the tables, as a name and as a literal.
DO $$
DECLARE
    object text;
BEGIN
    FOR object IN
        SELECT CASE relkind WHEN 'm' THEN 'MATERIALIZED VIEW' ELSE 'TABLE' END || ' ' || oid::regclass
        FROM legacy_alembic.parts(@name@) JOIN pg_class ON class = 'pg_class'::regclass AND oid = id AND relkind IN ('r', 'm')
        UNION ALL
        SELECT 'FUNCTION ' || id::regprocedure FROM legacy_alembic.parts(@name@) WHERE class = 'pg_proc'::regclass
    LOOP
        EXECUTE format('ALTER %s SET SCHEMA legacy_alembic', object);
    END LOOP;
END $$;
