DO $guard$ BEGIN
LOCK TABLE %1$s IN ACCESS EXCLUSIVE MODE;
IF EXISTS (SELECT FROM %1$s WHERE %2$s IS DISTINCT FROM %3$s) THEN
RAISE EXCEPTION 'some values of %% are others than those that would be generated', '%4$s'
  USING ERRCODE = 'data_exception', HINT = 'Change these values first. If they may be lost, take this check away.';
END IF;
END $guard$
