DO $guard$ BEGIN
LOCK TABLE %1$s IN ACCESS EXCLUSIVE MODE;
IF EXISTS (SELECT FROM %1$s WHERE CAST(CAST(%2$s AS %3$s) AS %4$s)::text IS DISTINCT FROM CAST(%2$s AS %4$s)::text) THEN
RAISE EXCEPTION 'some values of %% would be changed by a cast to %%', '%5$s', '%6$s'
  USING ERRCODE = 'data_exception', HINT = 'Change these values first. If they may be lost, take this check away.';
END IF;
END $guard$
