CREATE OR REPLACE FUNCTION public.health_of_distribution() RETURNS TABLE(state text, detail text, remedy text)
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
BEGIN
    -- The procedure is there where the entry point of Citus was applied.
    IF to_regprocedure('public.distribute_by_workflow()') IS NULL THEN
        RETURN QUERY VALUES ('ok', 'these migrations distribute no table', NULL::text);
    ELSIF NOT EXISTS (SELECT 1 FROM pg_extension WHERE extname = 'citus') THEN
        RETURN QUERY VALUES ('warning', 'all tables are on this server, since it lacks the extension citus, for which this schema was made',
            'see docs/scaling.md#backup');
    ELSE
        RETURN QUERY
        SELECT 'problem', format('%s ought to be distributed, and all rows are on this server, as after a restore', string_agg(name, ', ' ORDER BY name)),
               'CALL public.distribute_by_workflow()'
        FROM unnest(ARRAY['workflow_states', 'task_states', 'workflow_state_history', 'coordination_events']) name
        WHERE NOT EXISTS (SELECT 1 FROM pg_dist_partition WHERE logicalrelid = to_regclass('public.' || name) AND partmethod = 'h')
        HAVING count(*) > 0;
        IF NOT FOUND THEN
            RETURN QUERY
            SELECT 'ok', format('workflows are distributed over %s nodes', count(DISTINCT groupid)), NULL::text
            FROM pg_dist_placement
            JOIN pg_dist_shard USING (shardid)
            WHERE logicalrelid = 'public.workflow_states'::regclass;
        END IF;
    END IF;
END $$;

REVOKE ALL ON FUNCTION public.health_of_distribution() FROM PUBLIC;

COMMENT ON FUNCTION public.health_of_distribution() IS 'A check of schema_health(): whether the tables that Citus ought to spread over its workers are spread.';
