-- Spreads over the workers of Citus what belongs to workflows, with its rows: CALL distribute_by_workflow(). What is
-- spread already is left alone and joined by the rest, so that it can be called again after a restore, and a large table can
-- be distributed before by create_distributed_table_concurrently. All of it is one transaction.
--
-- @schema@ becomes the schema of the tables, @name@ the same as a literal, whatever the caller's search_path.
DO $do$
BEGIN
    EXECUTE pg_catalog.replace(pg_catalog.replace($create$
CREATE OR REPLACE PROCEDURE @schema@.distribute_by_workflow()
    LANGUAGE plpgsql
    SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    tables constant regclass[] = ARRAY[@name@ || '.workflow_states', @name@ || '.task_states', @name@ || '.workflow_state_history', @name@ || '.coordination_events'];
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

REVOKE EXECUTE ON PROCEDURE @schema@.distribute_by_workflow() FROM PUBLIC;

COMMENT ON PROCEDURE @schema@.distribute_by_workflow() IS 'Spreads workflows, their tasks, history and events over the workers of Citus, each workflow on one; without Citus it does nothing.';
$create$, '@schema@', pg_catalog.quote_ident(pg_catalog.current_schema())),
        '@name@', pg_catalog.quote_literal(pg_catalog.quote_ident(pg_catalog.current_schema())));
END $do$;
