CREATE OR REPLACE PROCEDURE public.delete_coordination_events_before(cutoff timestamp with time zone, blocks_per_commit integer = 1000)
    LANGUAGE plpgsql
    AS $_$
DECLARE
    before      text;
    events      regclass;
    distributed boolean = false;
    old         text; -- %1$s is the table, or a shard of it
    blocks      text;
    stretch     text;
    answer      text;
    block       bigint;
    newest      bigint;
    failure     text;
BEGIN
    before = pg_catalog.current_setting('search_path');
    PERFORM pg_catalog.set_config('search_path', 'pg_catalog, pg_temp', true);
    events = 'public' || '.coordination_events';
    IF (SELECT relkind FROM pg_class WHERE oid = events) <> 'r' THEN
        RAISE EXCEPTION 'coordination_events is partitioned, and a block of one partition is one of each: drop old partitions instead';
    ELSIF EXISTS (SELECT 1 FROM pg_extension WHERE extname = 'citus') THEN
        distributed = EXISTS (SELECT 1 FROM pg_dist_partition WHERE logicalrelid = events);
    END IF;

    old = format('FROM %%1$s WHERE "timestamp" OPERATOR(pg_catalog.<) %L::pg_catalog.timestamptz', to_jsonb(cutoff) #>> '{}'); -- whatever the DateStyle
    blocks = 'SELECT ARRAY[(pg_catalog.min(ctid)::pg_catalog.text::pg_catalog.point)[0], (pg_catalog.max(ctid)::pg_catalog.text::pg_catalog.point)[0]]::pg_catalog.text ' || old;
    IF distributed THEN
        SELECT min((result::float8[])[1]) FILTER (WHERE success), max((result::float8[])[2]) FILTER (WHERE success), min(result) FILTER (WHERE NOT success)
        INTO block, newest, failure
        FROM run_command_on_shards(events, blocks);
    ELSE
        EXECUTE format(blocks, events) INTO answer;
        block = (answer::float8[])[1];
        newest = (answer::float8[])[2];
    END IF;
    WHILE failure IS NULL AND block <= newest LOOP
        stretch = format('DELETE FROM %%1$s WHERE ctid OPERATOR(pg_catalog.=) ANY (ARRAY(SELECT ctid %s'
            ' AND ctid OPERATOR(pg_catalog.>=) ''(%s,0)''::pg_catalog.tid AND ctid OPERATOR(pg_catalog.<) ''(%s,0)''::pg_catalog.tid FOR UPDATE SKIP LOCKED))',
            old, block, block + blocks_per_commit);
        IF distributed THEN
            failure = (SELECT min(result) FROM run_command_on_shards(events, stretch) WHERE NOT success);
        ELSE
            EXECUTE format(stretch, events);
        END IF;
        COMMIT;
        PERFORM pg_catalog.set_config('search_path', 'pg_catalog, pg_temp', true);
        block = block + blocks_per_commit;
    END LOOP;
    IF failure IS NOT NULL THEN
        RAISE EXCEPTION 'a worker could not delete old events: %', failure;
    END IF;
    PERFORM set_config('search_path', before, true);
END $_$;

COMMENT ON PROCEDURE public.delete_coordination_events_before(cutoff timestamp with time zone, blocks_per_commit integer) IS 'Deletes the events before a time in batches; no writer waits.';
