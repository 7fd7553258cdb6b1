SELECT set_config('mycelium.%1$s', coalesce((
  SELECT string_agg(format('GRANT %%s%%s ON %3$s %9$s TO %%s%%s', privilege_type, of_column,
      CASE grantee WHEN 0 THEN 'PUBLIC' ELSE grantee::regrole::text END,
      CASE WHEN is_grantable THEN ' WITH GRANT OPTION' ELSE '' END), '; ' ORDER BY is_grantable DESC)
  FROM (SELECT '' AS of_column, rights.* FROM %4$s object, aclexplode(coalesce(%5$sacl, acldefault('%6$s', %5$sowner))) rights
          WHERE object.oid = %7$s%8$s) AS each), ''), true)
