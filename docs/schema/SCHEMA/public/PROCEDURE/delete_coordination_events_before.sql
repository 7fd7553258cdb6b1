CREATE OR REPLACE PROCEDURE public.delete_coordination_events_before(cutoff timestamp with time zone, blocks_per_commit integer = 1000)
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
    IF (SELECT relkind FROM pg_class WHERE oid = to_regclass('public' || '.coordination_events')) <> 'r' THEN
        RAISE EXCEPTION 'coordination_events is partitioned, and a block of one partition is one of each: drop old partitions instead';
    END IF;
    SELECT min(ctid), max(ctid) INTO oldest, newest FROM public.coordination_events WHERE timestamp < cutoff;
    block = (oldest::text::point)[0];
    WHILE block <= (newest::text::point)[0] LOOP
        DELETE FROM public.coordination_events
        WHERE ctid = ANY (ARRAY(
            SELECT ctid FROM public.coordination_events
            WHERE ctid >= format('(%s,0)', block)::tid AND ctid < format('(%s,0)', block + blocks_per_commit)::tid
                AND timestamp < cutoff
            FOR UPDATE SKIP LOCKED));
        COMMIT;
        PERFORM pg_catalog.set_config('search_path', 'pg_catalog, pg_temp', true);
        block = block + blocks_per_commit;
    END LOOP;
    PERFORM set_config('search_path', before, true);
END $$;

COMMENT ON PROCEDURE public.delete_coordination_events_before(cutoff timestamp with time zone, blocks_per_commit integer) IS 'Deletes the events before a time in batches; no writer waits.';
