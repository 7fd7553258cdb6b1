-- Texts that may be values of the type that the first parameter names, the most telling first; those of the second parameter are
-- among them.
with type(name, length, scale) as (
  select named, coalesce(substring(named from '\((\d+)')::int, 0), coalesce(substring(named from ',(-?\d+)\)')::int, 0)
    from (values (?::text)) given(named)
), candidate(value, place) as (
  select unnest(?::text[]), 1
  union all select enumlabel, 1 from pg_enum where enumtypid = to_regtype((select name from type))
  union all select repeat('x', length), 2 from type where length between 1 and 100000
  union all select repeat('1', length), 2 from type where length between 1 and 100000
  union all select '[' || array_to_string(array_fill(0.25, array[length]), ',') || ']', 2 from type where length between 1 and 16000
  union all select repeat('9', length - scale) || case when scale > 0 then '.' || repeat('9', scale) else '' end, 2 from type
    where length between 1 and 1000 and scale between 0 and length
  union all select value, 2 + place from unnest(array['a', '1', '-1', '', 'x'' "y" \ ü ' || repeat('z', 300), '0.5', '2024-02-29', 'true',
    '{}', '2024-02-29 23:59:59.999999', '00000000-0000-0000-0000-000000000001', '[]', '0', '32767', '2147483647', '-2147483648',
    '9223372036854775807', '123.456789', '1e15', '1e300', 'NaN', 'Infinity', 'false', '0001-01-01', '2024-06-30 12:34:56.789012+05:30',
    '23:59:59.999999', '24:00:00', '12:00:00.5+05:30', '1 year 2 mons 3 days 04:05:06.789012', '{1,2,NULL}', '{"a b",c}',
    '{"b": 1.50, "a": null, "a": [2]}', 'null', '10.0.0.1', '10.1.2.3/32', '08:00:2b:01:02:03', '\x00ff', '101', '(1,2)', '[1,10)',
    '<a>b</a>', '$1,234.56', 'a:1 b:2', 'a & b', '[(0,0),(1,1)]', '<(0,0),1>', '1:2']) with ordinality list(value, place)
)
select value from candidate group by value order by min(place), value
