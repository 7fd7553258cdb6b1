-- comment of index coordination_events_pkey
COMMENT ON INDEX public.coordination_events_pkey IS 'An event_id is unique in its workflow.';
-- undone by: COMMENT ON INDEX public.coordination_events_pkey IS NULL;
-- setting hnsw.ef_search
DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET hnsw.ef_search = %L', current_database(), '200'); END $$;
-- undone by: DO $$ BEGIN EXECUTE format('ALTER DATABASE %I RESET hnsw.ef_search', current_database()); END $$;
