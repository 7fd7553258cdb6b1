DO $rights$ DECLARE role text;
BEGIN
FOR role IN SELECT DISTINCT CASE grantee WHEN 0 THEN 'PUBLIC' ELSE grantee::regrole::text END
    FROM %4$s object, aclexplode(coalesce(%5$sacl, acldefault('%6$s', %5$sowner))) WHERE object.oid = %7$s LOOP
  EXECUTE 'REVOKE ALL ON %3$s %2$s FROM ' || role;
END LOOP;
EXECUTE coalesce(nullif(current_setting('mycelium.%1$s', true), ''), 'SELECT 1');
END $rights$
