-- The columns of a table: its type, whether a row has to give it a value and whether it may, a query of the values that a foreign
-- key allows, and the values that the constraints of the table name.
select attname, format_type(atttypid, atttypmod), attnotnull and not atthasdef and attidentity = '',
       attgenerated = '' and attidentity <> 'a',
       (select format('select %I from %s', target.attname, confrelid::regclass)
          from pg_constraint join pg_attribute target on target.attrelid = confrelid and target.attnum = confkey[1]
          where contype = 'f' and conrelid = a.attrelid and conkey[1] = a.attnum limit 1),
       array(select distinct trim(both '''' from literal[1])
          from pg_constraint, regexp_matches(pg_get_constraintdef(oid), '(''[^'']*''|\d+)', 'g') literal
          where contype = 'c' and conrelid = a.attrelid)
  from pg_attribute a
  where attrelid = to_regclass(?) and attnum > 0 and not attisdropped order by attnum
