-- What is wrong with this database, and what to do about it: SELECT * FROM schema_health(). One row a finding, and one
-- row that says ok for a check without any, always in this order. A problem needs somebody now; a warning can wait.
--
-- It reads little, with one exception: to compare the metrics of an agent it counts the agent's rows in agent_usage, from
-- an index alone where autovacuum keeps up. usage_limit bounds how many invocations it counts, by what the agents' own
-- counters say: agents in random order until it is reached, so that in time a call that is repeated meets all of them.
-- Those with more than that are only compared by schema_health(NULL), which compares all, however long that takes.
--
-- It runs with its owner's rights, so that a monitoring role needs none on the tables; so its tables are named with their
-- schema, and everything else comes from pg_catalog, whoever may create what where.
DO $create$
BEGIN
    EXECUTE pg_catalog.replace($sql$

CREATE OR REPLACE FUNCTION schema_health(usage_limit bigint DEFAULT 1000000)
RETURNS TABLE ("check" text, state text, detail text, remedy text)
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp
    SET lock_timeout = '1s' -- whoever locks a table for long shall be named, not waited for
AS $$
#variable_conflict use_column
DECLARE
    locked constant text = 'not known, since a table is locked; by whom, see blocking sessions';
    schema constant oid = (SELECT relnamespace FROM pg_class WHERE oid = 'our.agents'::regclass);
BEGIN
    -- Another's relation of that name, such as a view, could have its code run with the owner's rights.
    "check" = 'history';
    BEGIN
        IF NOT EXISTS (SELECT 1 FROM pg_class WHERE relname = 'databasechangelog' AND relkind = 'r'
                       AND relnamespace = schema AND pg_get_userbyid(relowner) = current_user) THEN
            RETURN QUERY VALUES ("check", 'problem',
                format('the table databasechangelog, in which Liquibase notes what was applied, is not there or not that of %s', current_user),
                'mvn initialize liquibase:changelogSync, if it is lost');
        ELSE
            RETURN QUERY
            SELECT "check",
                   CASE WHEN last.tag IS NULL THEN 'warning' ELSE 'ok' END,
                   CASE WHEN last.tag IS NOT NULL THEN format('at tag %s, since %s', last.tag, last.dateexecuted)
                        ELSE format('at %s, after tag %s: an update that is not finished, or a release in the making', last.id,
                            coalesce((SELECT h.tag FROM our.databasechangelog h WHERE h.tag IS NOT NULL
                                      ORDER BY h.dateexecuted DESC, h.orderexecuted DESC LIMIT 1), '(none)')) END,
                   CASE WHEN last.tag IS NULL THEN 'mvn initialize liquibase:update' END
            FROM our.databasechangelog last
            WHERE last.filename NOT LIKE 'changelog/citus/%' -- they come after the release, and have no tag
            ORDER BY last.dateexecuted DESC, last.orderexecuted DESC
            LIMIT 1;
            IF NOT FOUND THEN
                RETURN QUERY VALUES ("check", 'problem', 'Liquibase has noted nothing as applied', 'mvn initialize liquibase:changelogSync');
            END IF;
        END IF;
    EXCEPTION WHEN lock_not_available THEN
        RETURN QUERY VALUES ("check", 'warning', locked, NULL::text);
    END;

    -- Counters that are above what agent_usage gives may be meant: the take-over from Alembic keeps the figures of agents
    -- without usage, and so does a deletion without triggers.
    "check" = 'metrics';
    BEGIN
        RETURN QUERY
        WITH ordered AS (
            SELECT *, sum(finished_count) OVER (ORDER BY coalesce(finished_count > usage_limit, false), random(), id) AS counted_so_far
            FROM our.agents),
        compared AS (
            SELECT id, agent_id,
                   finished_count < finished OR completed_count < completed OR timed_count < timed OR response_time_ms_sum < time_ms
                       OR usage_count <> least(finished_count, 2147483647)
                       OR success_rate IS DISTINCT FROM round(completed_count * 100.0 / nullif(finished_count, 0), 2)
                       OR avg_response_time_ms IS DISTINCT FROM round(response_time_ms_sum::numeric / nullif(timed_count, 0)) AS wrong,
                   (finished_count, completed_count, timed_count, response_time_ms_sum) <> (finished, completed, timed, time_ms) AS different
            FROM ordered
            CROSS JOIN LATERAL (
                SELECT count(*) AS finished,
                       count(*) FILTER (WHERE u.status = 'completed') AS completed,
                       count(u.response_time_ms) AS timed,
                       coalesce(sum(u.response_time_ms), 0) AS time_ms
                FROM our.agent_usage u
                WHERE u.agent_id = ordered.id AND u.status <> 'in_progress') counted
            WHERE counted_so_far <= usage_limit OR usage_limit IS NULL),
        total AS (
            SELECT format('%s of %s agents compared with agent_usage%s', (SELECT count(*) FROM compared), count(*),
                       CASE WHEN count(*) > (SELECT count(*) FROM compared) THEN '; all of them: SELECT * FROM our.schema_health(NULL)' END) AS scope
            FROM our.agents),
        numbered AS (
            SELECT *, row_number() OVER (PARTITION BY wrong ORDER BY agent_id) AS number FROM compared WHERE wrong OR different),
        finding AS (
            SELECT wrong, count(*) AS count, array_agg(id ORDER BY number) FILTER (WHERE number <= 100) AS ids,
                   string_agg(agent_id, ', ' ORDER BY number) FILTER (WHERE number <= 3) || CASE WHEN count(*) > 3 THEN ', ...' ELSE '' END AS names
            FROM numbered GROUP BY wrong)
        SELECT "check",
               CASE WHEN wrong THEN 'problem' WHEN NOT wrong THEN 'warning' ELSE 'ok' END,
               CASE WHEN wrong THEN format('%s with wrong metrics: %s (%s)', count, names, scope)
                    WHEN NOT wrong THEN format('%s with more invocations than agent_usage holds: %s; right if they were deleted without triggers, or taken over from Alembic (%s)', count, names, scope)
                    ELSE 'exact: ' || scope END,
               CASE WHEN wrong IS NOT NULL THEN format('SELECT our.recount_agent_metrics(%L)', ids) END
        FROM total LEFT JOIN finding ON true
        ORDER BY wrong DESC;
    EXCEPTION WHEN lock_not_available THEN
        RETURN QUERY VALUES ("check", 'warning', locked, NULL::text);
    END;

    -- PostgreSQL notes no refresh. How far behind it is, is seen by what it lacks.
    "check" = 'agent_statistics';
    BEGIN
        IF NOT (SELECT relispopulated FROM pg_class WHERE oid = 'our.agent_statistics'::regclass) THEN
            RETURN QUERY VALUES ("check", 'problem', 'it was never filled, so reading it fails', 'REFRESH MATERIALIZED VIEW our.agent_statistics');
        ELSE
            RETURN QUERY
            SELECT "check",
                   CASE WHEN stale THEN 'warning' ELSE 'ok' END,
                   format('lacks %s invocations and %s agents; its newest invocation: %s; the newest of all: %s', invocations, agents,
                       coalesce(newest_in_it::text, 'none'), coalesce(newest::text, 'none')),
                   CASE WHEN stale THEN 'SELECT our.refresh_agent_statistics()' END
            FROM (
                SELECT coalesce(sum(a.usage_count::bigint), 0) - coalesce(sum(s.usage_count::bigint), 0) AS invocations,
                       count(*) FILTER (WHERE s.id IS NULL) AS agents,
                       max(s.last_used_at) AS newest_in_it,
                       max(a.last_used_at) AS newest,
                       coalesce(max(a.last_used_at) - interval '1 day' > coalesce(max(s.last_used_at), min(a.created_at)), false)
                           OR coalesce(bool_or(s.id IS NULL AND a.created_at < now() - interval '1 day'), false) AS stale
                FROM our.agents a
                LEFT JOIN our.agent_statistics s ON s.id = a.id) behind;
        END IF;
    EXCEPTION WHEN lock_not_available THEN
        RETURN QUERY VALUES ("check", 'warning', locked, NULL::text);
    END;

    -- But those that are being built. What a REINDEX CONCURRENTLY leaves behind has a suffix, and the index itself is there.
    "check" = 'invalid indexes';
    RETURN QUERY
    SELECT "check", 'problem',
           format('%s of %s is not valid, so no query uses it: its building was broken off', i.oid::regclass, indrelid::regclass),
           format(CASE WHEN i.relname ~ '_cc(new|old)\d*$' THEN 'DROP INDEX CONCURRENTLY %s' ELSE 'REINDEX INDEX CONCURRENTLY %s' END, i.oid::regclass)
    FROM pg_index
    JOIN pg_class i ON i.oid = indexrelid
    WHERE i.relnamespace = schema AND NOT indisvalid
        AND NOT EXISTS (SELECT 1 FROM pg_stat_progress_create_index WHERE index_relid = indexrelid)
    ORDER BY i.relname;
    IF NOT FOUND THEN
        RETURN QUERY VALUES ("check", 'ok', 'every index is valid', NULL::text);
    END IF;

    -- Counting an invocation must touch no index: else every one of them, HNSW too, is written for each.
    "check" = 'heap-only updates';
    RETURN QUERY
    SELECT "check", 'problem',
           format('%s is on a column that moves with every invocation, so that each writes to all indexes of agents', indexrelid::regclass),
           format('DROP INDEX CONCURRENTLY %s', indexrelid::regclass)
    FROM pg_index
    WHERE indrelid = 'our.agents'::regclass
        AND EXISTS (SELECT 1 FROM pg_attribute WHERE attrelid = indrelid AND attnum = ANY (indkey)
                    AND attname IN ('finished_count', 'completed_count', 'timed_count', 'response_time_ms_sum',
                        'usage_count', 'success_rate', 'avg_response_time_ms', 'last_used_at'))
    ORDER BY indexrelid::regclass::text;
    IF NOT FOUND THEN
        RETURN QUERY
        SELECT "check",
               CASE WHEN low THEN 'warning' ELSE 'ok' END,
               format('%s of %s updates of agents%s', coalesce(percent || ' percent', 'none'), n_tup_upd,
                   CASE WHEN low THEN ': many edits, or pages that dead rows fill, which transactions that stay open keep' END),
               CASE WHEN low THEN 'VACUUM our.agents; SELECT pg_stat_reset_single_table_counters(''our.agents''::regclass)' END
        FROM pg_stat_all_tables
        CROSS JOIN LATERAL (SELECT round(100.0 * n_tup_hot_upd / nullif(n_tup_upd, 0), 1) AS percent) share
        CROSS JOIN LATERAL (SELECT n_tup_upd >= 1000 AND percent < 90 AS low) verdict -- few say nothing
        WHERE relid = 'our.agents'::regclass;
    END IF;

    -- Who waits for longer than deadlock_timeout (1 s), as log_lock_waits has it; those that wait themselves are not at fault.
    -- Of other roles' sessions pg_stat_activity shows an owner without pg_read_all_stats no more than these columns.
    "check" = 'blocking sessions';
    RETURN QUERY
    SELECT "check",
           CASE WHEN waits > 60 * current_setting('deadlock_timeout')::interval THEN 'problem' ELSE 'warning' END,
           CASE WHEN blocker = 0 THEN format('a prepared transaction keeps %s waiting, for %s', waiting, date_trunc('second', waits))
                ELSE format('session %s of role %s (%s) keeps %s waiting, for %s', blocker, b.usename, concat_ws(', ', nullif(b.application_name, ''), b.state),
                    waiting, date_trunc('second', waits)) END,
           CASE WHEN blocker = 0 THEN 'COMMIT PREPARED or ROLLBACK PREPARED what SELECT * FROM pg_prepared_xacts shows'
                ELSE format('SELECT pg_terminate_backend(%s)', blocker) END
    FROM (
        SELECT blocker, count(DISTINCT w.pid) AS waiting, clock_timestamp() - min(l.waitstart) AS waits
        FROM pg_locks l
        JOIN pg_stat_activity w ON w.pid = l.pid AND w.datname = current_database()
        CROSS JOIN LATERAL unnest(pg_blocking_pids(l.pid)) blocker
        WHERE NOT l.granted AND NOT EXISTS (SELECT 1 FROM pg_locks own WHERE own.pid = blocker AND NOT own.granted)
        GROUP BY blocker) blocking
    LEFT JOIN pg_stat_activity b ON b.pid = blocker
    WHERE waits > current_setting('deadlock_timeout')::interval
    ORDER BY waits DESC, blocker;
    IF NOT FOUND THEN
        RETURN QUERY VALUES ("check", 'ok', 'nobody waits for a lock', NULL::text);
    END IF;

    -- The procedure is there where the entry point of Citus was applied.
    "check" = 'distribution';
    IF to_regprocedure('our.distribute_by_workflow()') IS NULL THEN
        RETURN QUERY VALUES ("check", 'ok', 'these migrations distribute no table', NULL::text);
    ELSIF NOT EXISTS (SELECT 1 FROM pg_extension WHERE extname = 'citus') THEN
        RETURN QUERY VALUES ("check", 'warning', 'all tables are on this server, since it lacks the extension citus, for which this schema was made',
            'see docs/scaling.md#backup');
    ELSE
        RETURN QUERY
        SELECT "check", 'problem', format('%s ought to be distributed, and all rows are on this server, as after a restore', string_agg(name, ', ' ORDER BY name)),
               'CALL our.distribute_by_workflow()'
        FROM unnest(ARRAY['workflow_states', 'task_states', 'workflow_state_history', 'coordination_events']) name
        WHERE NOT EXISTS (SELECT 1 FROM pg_dist_partition WHERE logicalrelid = to_regclass('our.' || name) AND partmethod = 'h')
        HAVING count(*) > 0;
        IF NOT FOUND THEN
            RETURN QUERY
            SELECT "check", 'ok', format('workflows are distributed over %s nodes', count(DISTINCT groupid)), NULL::text
            FROM pg_dist_placement
            JOIN pg_dist_shard USING (shardid)
            WHERE logicalrelid = 'our.workflow_states'::regclass;
        END IF;
    END IF;

    "check" = 'hnsw.ef_search';
    RETURN QUERY
    SELECT "check",
           CASE WHEN value IS NULL THEN 'problem' ELSE 'ok' END,
           coalesce(value || ' for the database', 'not set for the database, so the clients'' own searches end at 40 rows, whatever their LIMIT'),
           CASE WHEN value IS NULL THEN format('SELECT ''[1]''::%s; %sALTER DATABASE %I SET hnsw.ef_search = 200',
               (SELECT format('%I.vector', nspname) FROM pg_extension JOIN pg_namespace n ON n.oid = extnamespace WHERE extname = 'vector'),
               (SELECT 'SET citus.enable_ddl_propagation = off; ' FROM pg_extension WHERE extname = 'citus'), current_database()) END
    FROM (
        SELECT (SELECT split_part(setting, '=', 2) FROM pg_db_role_setting s, unnest(s.setconfig) setting
                WHERE s.setrole = 0 AND s.setdatabase = (SELECT d.oid FROM pg_database d WHERE d.datname = current_database())
                    AND setting LIKE 'hnsw.ef_search=%') AS value) database;

    "check" = 'pgvector';
    RETURN QUERY
    SELECT "check",
           CASE WHEN old THEN 'warning' ELSE 'ok' END,
           extversion || CASE WHEN old THEN ': by pgvector''s changelog VACUUM could damage an HNSW index before 0.8.4'
               || CASE WHEN version < ARRAY[0, 8, 2] THEN ', and before 0.8.2 a parallel build overran a buffer' ELSE '' END ELSE '' END,
           CASE WHEN old THEN CASE WHEN available >= ARRAY[0, 8, 4] THEN '' ELSE 'install pgvector 0.8.4 or later on the server; then: ' END
               || 'ALTER EXTENSION vector UPDATE; REINDEX INDEX CONCURRENTLY our.agents_embedding_idx' END
    FROM pg_extension
    JOIN pg_available_extensions ON name = extname
    CROSS JOIN LATERAL (SELECT string_to_array(regexp_replace(extversion, '[^0-9.].*', ''), '.')::int[],
        string_to_array(regexp_replace(default_version, '[^0-9.].*', ''), '.')::int[]) versions(version, available)
    CROSS JOIN LATERAL (SELECT version < ARRAY[0, 8, 4] AS old) verdict
    WHERE extname = 'vector';

    "check" = 'extensions';
    RETURN QUERY
    SELECT "check", 'warning',
           format('%s is at %s, the files on the server at %s', name, installed_version, default_version),
           format('ALTER EXTENSION %I UPDATE', name)
    FROM pg_available_extensions
    WHERE name IN ('uuid-ossp', 'vector') AND installed_version <> default_version
    ORDER BY name;
    IF NOT FOUND THEN
        RETURN QUERY VALUES ("check", 'ok', 'uuid-ossp and vector are of the version of their files', NULL::text);
    END IF;
END $$

    $sql$, 'our.', pg_catalog.format('%I.', pg_catalog.current_schema()));
END $create$;

REVOKE EXECUTE ON FUNCTION schema_health(bigint) FROM PUBLIC;

COMMENT ON FUNCTION schema_health(bigint) IS 'What is wrong with this database, and what to do about it; for a monitoring role that was granted it. usage_limit: how many invocations to count for the metrics, null for all.';
