-- Brings all rows of workflows back to the coordinator. Citus makes each table anew for that, with its rows and grants but
-- without its comments, so those are taken down before and set again. Nothing is changed where the key of the release, which
-- is the event_id alone, could not hold the events.
DO $$
DECLARE
    tables   constant regclass[] = ARRAY['workflow_states', 'task_states', 'workflow_state_history', 'coordination_events'];
    twice    text;
    comments text[];
    tab      regclass;
BEGIN
    SELECT event_id INTO twice FROM coordination_events GROUP BY event_id HAVING pg_catalog.count(*) > 1 LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'event_id % stands in more than one workflow, which the key (event_id) of the schema without Citus does not allow; nothing was changed.'
            ' These are all; rename or delete them, and run again:'
            ' SELECT event_id, array_agg(workflow_id) FROM coordination_events GROUP BY event_id HAVING count(*) > 1', twice;
    ELSIF NOT EXISTS (SELECT FROM pg_extension WHERE extname = 'citus') THEN
        RETURN;
    END IF;

    SELECT coalesce(pg_catalog.array_agg(CASE
            WHEN relkind = 'i' THEN pg_catalog.format('COMMENT ON INDEX %s IS %L', objoid::regclass, description)
            WHEN objsubid = 0 THEN pg_catalog.format('COMMENT ON TABLE %s IS %L', objoid::regclass, description)
            ELSE pg_catalog.format('COMMENT ON COLUMN %s.%I IS %L', objoid::regclass, attname, description) END), '{}')
    INTO comments
    FROM pg_description
    JOIN pg_class c ON c.oid = objoid
    LEFT JOIN pg_attribute ON attrelid = objoid AND attnum = objsubid
    LEFT JOIN pg_index ON indexrelid = objoid
    WHERE classoid = 'pg_class'::regclass::oid AND (objoid = ANY (tables::oid[]) OR indrelid = ANY (tables::oid[]));

    FOREACH tab IN ARRAY tables LOOP
        IF EXISTS (SELECT FROM pg_dist_partition WHERE logicalrelid::oid = tab::oid) THEN -- with those that refer to it
            PERFORM pg_catalog.undistribute_table(tab, cascade_via_foreign_keys => true);
        END IF;
    END LOOP;
    FOR i IN 1 .. pg_catalog.cardinality(comments) LOOP
        EXECUTE comments[i];
    END LOOP;
END $$;
