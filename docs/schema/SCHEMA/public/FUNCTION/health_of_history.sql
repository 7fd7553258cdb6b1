CREATE OR REPLACE FUNCTION public.health_of_history() RETURNS TABLE(state text, detail text, remedy text)
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
BEGIN
    -- Another's relation of that name, such as a view, could have its code run with the owner's rights.
    IF NOT EXISTS (SELECT 1 FROM pg_class WHERE oid = to_regclass('public.databasechangelog') AND relkind = 'r'
                   AND pg_get_userbyid(relowner) = current_user) THEN
        RETURN QUERY VALUES ('problem',
            format('the table databasechangelog, in which Liquibase notes what was applied, is not there or not that of %s', current_user),
            'mvn initialize liquibase:changelogSync, if it is lost');
        RETURN;
    END IF;

    -- Until times were noted in UTC they were those of each session's clock.
    RETURN QUERY
    SELECT 'warning',
           format('%s is noted as applied earlier than what was applied before it, so a rollback is refused', earlier.id),
           'UPDATE public.databasechangelog h SET dateexecuted = t.earliest FROM (SELECT id, author, filename, min(dateexecuted) OVER '
               || '(ORDER BY orderexecuted DESC, dateexecuted DESC) AS earliest FROM public.databasechangelog) t '
               || 'WHERE (h.id, h.author, h.filename) = (t.id, t.author, t.filename)'
    FROM (SELECT h.id, h.orderexecuted, h.dateexecuted < max(h.dateexecuted) OVER (ORDER BY h.orderexecuted, h.dateexecuted) AS found
          FROM public.databasechangelog h) earlier
    WHERE earlier.found
    ORDER BY earlier.orderexecuted
    LIMIT 1;
    IF FOUND THEN
        RETURN;
    END IF;

    RETURN QUERY
    SELECT 'ok',
           CASE WHEN last.tag IS NOT NULL THEN format('at tag %s, since %s UTC', last.tag, last.dateexecuted)
                ELSE format('at %s, after tag %s; mvn -Pcurrent says whether anything is pending', last.id,
                    coalesce((SELECT h.tag FROM public.databasechangelog h WHERE h.tag IS NOT NULL
                              ORDER BY h.orderexecuted DESC LIMIT 1), '(none)')) END,
           NULL
    FROM public.databasechangelog last
    WHERE last.filename NOT LIKE 'changelog/citus/%' -- they come after the release, and have no tag
    ORDER BY last.orderexecuted DESC
    LIMIT 1;
    IF NOT FOUND THEN
        RETURN QUERY VALUES ('problem', 'Liquibase has noted nothing as applied', 'mvn initialize liquibase:changelogSync');
    END IF;
END $$;

REVOKE ALL ON FUNCTION public.health_of_history() FROM PUBLIC;

COMMENT ON FUNCTION public.health_of_history() IS 'A check of schema_health(): whether the history is there and has one order, and where it stands.';
