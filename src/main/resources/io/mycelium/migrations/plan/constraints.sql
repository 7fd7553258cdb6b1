-- The constraints of a table, such that another schema can have them too: by what they say, for columns that are required as well.
select pg_get_constraintdef(oid) from pg_constraint where conrelid = to_regclass(?) and contype in ('c', 'f', 'u', 'x')
union
select format('CHECK (%I IS NOT NULL)', attname) from pg_attribute
  where attrelid = to_regclass(?) and attnotnull and attnum > 0 and not attisdropped
