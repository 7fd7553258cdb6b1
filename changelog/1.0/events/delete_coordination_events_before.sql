-- Retention: CALL delete_coordination_events_before(now() - interval '30 days'). Walks through the oldest to the
-- newest block with such an event, once, and commits after each stretch: writers never wait, autovacuum keeps up,
-- and a call that was killed goes on from where it stood. An event that another session is deleting is left to it.
--
-- A procedure that commits can have no SET of its own, so it sets search_path itself, anew after each commit. @schema@
-- becomes the schema of the table, @name@ the same as a literal.
DO $do$
BEGIN
    EXECUTE pg_catalog.replace(pg_catalog.replace($create$
CREATE OR REPLACE PROCEDURE @schema@.delete_coordination_events_before(cutoff timestamptz, blocks_per_commit integer DEFAULT 1000)
    LANGUAGE plpgsql
AS $$
DECLARE
    oldest tid;
    newest tid;
    block  bigint;
    before text;
BEGIN
    before = pg_catalog.current_setting('search_path');
    PERFORM pg_catalog.set_config('search_path', 'pg_catalog, pg_temp', true);
    IF (SELECT relkind FROM pg_class WHERE oid = to_regclass(@name@ || '.coordination_events')) <> 'r' THEN
        RAISE EXCEPTION 'coordination_events is partitioned, and a block of one partition is one of each: drop old partitions instead';
    END IF;
    SELECT min(ctid), max(ctid) INTO oldest, newest FROM @schema@.coordination_events WHERE timestamp < cutoff;
    block = (oldest::text::point)[0];
    WHILE block <= (newest::text::point)[0] LOOP
        DELETE FROM @schema@.coordination_events
        WHERE ctid = ANY (ARRAY(
            SELECT ctid FROM @schema@.coordination_events
            WHERE ctid >= format('(%s,0)', block)::tid AND ctid < format('(%s,0)', block + blocks_per_commit)::tid
                AND timestamp < cutoff
            FOR UPDATE SKIP LOCKED));
        COMMIT;
        PERFORM pg_catalog.set_config('search_path', 'pg_catalog, pg_temp', true);
        block = block + blocks_per_commit;
    END LOOP;
    PERFORM set_config('search_path', before, true);
END $$;

COMMENT ON PROCEDURE @schema@.delete_coordination_events_before(timestamptz, integer) IS 'Deletes the events before a time in batches; no writer waits.';
$create$, '@schema@', pg_catalog.quote_ident(pg_catalog.current_schema())),
        '@name@', pg_catalog.quote_literal(pg_catalog.quote_ident(pg_catalog.current_schema())));
END $do$;
