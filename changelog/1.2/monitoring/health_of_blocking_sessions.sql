-- Who keeps others waiting for longer than deadlock_timeout (1 s), as log_lock_waits has it; those that wait themselves
-- are not at fault. Of other roles' sessions pg_stat_activity shows an owner without pg_read_all_stats no more than these
-- columns.
CREATE OR REPLACE FUNCTION our.health_of_blocking_sessions() RETURNS TABLE (state text, detail text, remedy text)
    LANGUAGE plpgsql
    SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    RETURN QUERY
    SELECT CASE WHEN waits > 60 * current_setting('deadlock_timeout')::interval THEN 'problem' ELSE 'warning' END,
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
        RETURN QUERY VALUES ('ok', 'nobody waits for a lock', NULL::text);
    END IF;
END $$;

REVOKE EXECUTE ON FUNCTION our.health_of_blocking_sessions() FROM PUBLIC;

COMMENT ON FUNCTION our.health_of_blocking_sessions() IS 'A check of schema_health(): who keeps others waiting for a lock.';
