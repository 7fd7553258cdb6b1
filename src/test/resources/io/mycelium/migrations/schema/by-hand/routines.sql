create function weight(a integer) returns integer language sql stable as 'select a';
comment on function weight(integer) is 'One.';
create function weight(a text, b text default 'public.x') returns integer language sql as $$ select length(a) $$;
comment on function weight(text, text) is 'Other.';
--
create function twice(a integer) returns integer language sql immutable parallel safe
begin atomic select a; select a * 2; end;
--
comment on function twice is 'Atomic.';
create function here() returns text language sql security definer set search_path = public, pg_temp
  as 'select current_schema()::text';
comment on function here is 'Where.';
create procedure hush() language sql as 'delete from agents';
revoke execute on procedure hush() from public;
comment on procedure hush is 'Not for everybody.';
create or replace function touch_updated_at() returns trigger language plpgsql cost 7 as $$
begin
    -- public.agents
    new.updated_at = clock_timestamp(); return new;
end $$;
drop procedure delete_coordination_events_before(timestamptz, integer);
drop function search_agents_by_text(text, integer, text);
