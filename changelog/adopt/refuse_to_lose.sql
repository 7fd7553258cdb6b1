-- An undo puts the old tables back and drops the new ones. So it refuses when a row was written, changed or deleted since, or when
-- something hangs on the new tables that the take-over did not make, such as a policy.
DO $$
DECLARE
    here    text = @name@;
    taken   record;
    found   record;
    reasons text[] = '{}';
BEGIN
    IF to_regclass('legacy_alembic.take_over') IS NULL THEN
        RAISE EXCEPTION 'there is no take-over to undo: the schema legacy_alembic is not there, or not ours';
    ELSIF to_regclass(here || '.agents') IS NULL THEN
        RETURN; -- release 1.0 was rolled back, so its rows are gone already
    ELSIF EXISTS (SELECT FROM @schema@.databasechangelog
                  WHERE orderexecuted > (SELECT orderexecuted FROM @schema@.databasechangelog WHERE tag = '1.0')) THEN
        RAISE EXCEPTION 'later releases are applied; roll them back first: mvn initialize liquibase:rollback -Dliquibase.rollbackTag=1.0';
    END IF;
    EXECUTE (SELECT format('LOCK TABLE %s IN ACCESS EXCLUSIVE MODE', string_agg(format('%s.%I', here, relation), ', ')) FROM legacy_alembic.take_over);
    FOR taken IN SELECT xmin AS transaction, * FROM legacy_alembic.take_over LOOP
        EXECUTE format('SELECT count(*) FILTER (WHERE xmin = $1) AS kept, count(*) FILTER (WHERE xmin <> $1) AS written FROM %s.%I',
            here, taken.relation) USING taken.transaction INTO found;
        IF found.written > 0 OR found.kept < taken.copied_rows THEN
            reasons = reasons || format('%s: %s rows written, %s of %s untouched', taken.relation, found.written, found.kept, taken.copied_rows);
        END IF;
    END LOOP;
    IF to_regprocedure('legacy_alembic.what_hangs_on(regnamespace)') IS NOT NULL THEN
        reasons = reasons || ARRAY(
            SELECT DISTINCT name || ' was made or changed' || coalesce('; keep how, and run: ' || removal, '')
            FROM legacy_alembic.what_hangs_on(here::regnamespace), legacy_alembic.named(classid, objid, objsubid)
            WHERE jsonb_build_array(catalog, attributes) NOT IN (SELECT jsonb_array_elements(hanging) FROM legacy_alembic.take_over));
    END IF;
    IF reasons <> '{}' THEN
        RAISE EXCEPTION USING MESSAGE = E'something was written or made since the take-over, which an undo would lose, so nothing was changed:\n- '
            || array_to_string(reasons, E'\n- ');
    END IF;
END $$;
