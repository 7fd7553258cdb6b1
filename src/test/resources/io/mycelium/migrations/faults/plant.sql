set search_path = pg_catalog;

set check_function_bodies = off;

-- overloads of the operators and functions of pg_catalog with the names that Attacker has set, for all types that it has
-- set, as far as pg_catalog has none whose types fit; of three arguments for fewer types, since there would be thousands
do $do$
declare
  types     text[] = current_setting('planted.types');
  operators text[] = current_setting('planted.operators');
  functions text[] = current_setting('planted.functions');
  body      text = $$ returns boolean language plpgsql as
                      'begin raise exception ''planted: ran as %'', current_user; end' $$;
  operator  text;
  function  record;
  arguments text;
  a         text;
  b         text;
  c         text;
begin
  foreach a in array types loop
    foreach b in array types loop
      execute format('create function public.planted(%s, %s)', a, b) || body;
      for operator in
          select distinct oprname from pg_operator o
          where (oprname = any (operators) or oprname = '~~') and oprleft <> 0
            and not exists (
              select from pg_operator
              where oprname = o.oprname and oprleft = a::regtype and oprright = b::regtype
                and oprnamespace = 'pg_catalog'::regnamespace) loop
        execute format('create operator public.%s (leftarg = %s, rightarg = %s, function = public.planted)',
          operator, a, b);
      end loop;
    end loop;
  end loop;
  for function in
      select distinct proname, least(args, 3) as args
      from pg_proc, lateral (
        select pronargs union select generate_series(pronargs, 3) where provariadic <> 0) n(args)
      where pronamespace = 'pg_catalog'::regnamespace and proname = any (functions) and args > 0 loop
    foreach a in array types[:case function.args when 1 then 99 when 2 then 12 else 7 end] loop
      foreach b in array case function.args when 1 then array[''] when 2 then types[:12] else types[:7] end loop
        foreach c in array case function.args when 3 then types[:7] else array[''] end loop
          arguments = concat_ws(', ', a, nullif(b, ''), nullif(c, ''));
          if to_regprocedure(format('pg_catalog.%s(%s)', function.proname, arguments)) is null then
            execute format('create function public.%s(%s)', function.proname, arguments) || body;
          end if;
        end loop;
      end loop;
    end loop;
  end loop;
end $do$;
