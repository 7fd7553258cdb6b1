CREATE OR REPLACE PROCEDURE public.distribute_by_workflow()
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
DECLARE
    tables constant regclass[] = ARRAY['public' || '.workflow_states', 'public' || '.task_states', 'public' || '.workflow_state_history', 'public' || '.coordination_events'];
    spread          regclass[] = '{}';
    tab             regclass;
BEGIN
    IF NOT EXISTS (SELECT 1 FROM pg_extension WHERE extname = 'citus') THEN
        RAISE NOTICE 'extension citus is not in this database, so its tables stay where they are';
        RETURN;
    END IF;
    FOREACH tab IN ARRAY tables LOOP
        IF NOT EXISTS (SELECT 1 FROM pg_dist_partition WHERE logicalrelid = tab AND partmethod = 'h') THEN
            PERFORM create_distributed_table(tab, 'workflow_id', colocate_with =>
                coalesce((SELECT min(logicalrelid::text) FROM pg_dist_partition WHERE logicalrelid = ANY (tables) AND partmethod = 'h'), 'none'));
            spread = spread || tab;
        END IF;
    END LOOP;
    FOREACH tab IN ARRAY spread LOOP -- its rows are on the workers now, and here too, where nobody sees them
        PERFORM truncate_local_data_after_distributing_table(tab);
    END LOOP;
END $$;

REVOKE ALL ON PROCEDURE public.distribute_by_workflow() FROM PUBLIC;

COMMENT ON PROCEDURE public.distribute_by_workflow() IS 'Spreads workflows, their tasks, history and events over the workers of Citus, each workflow on one; without Citus it does nothing.';
