-- What the tried changesets are about, besides our own tables.
create type mood as enum ('fine', 'tired');

create table teams (id integer primary key);

create table things (id integer primary key, code varchar(9), kept integer, fine integer);
insert into things select n, n, n, n from generate_series(1, 1000) n;
create index things_code_idx on things (code);
create index things_old_idx on things (code);
create unique index things_fine_key on things (fine);
alter table things
  add constraint things_kept_is_not_null check (kept is not null),
  add constraint things_fine_check check (fine > 0) not valid;

create table readings (at date not null, value integer) partition by range (at);
create table readings_2024 partition of readings for values from ('2024-01-01') to ('2025-01-01');
create table readings_2025 partition of readings for values from ('2025-01-01') to ('2026-01-01');
create table readings_2026 partition of readings for values from ('2026-01-01') to ('2027-01-01');
create table readings_2027 (at date not null, value integer, check (at >= '2027-01-01' and at < '2028-01-01'));
insert into readings_2027 select '2027-01-01', n from generate_series(1, 1000) n;

create procedure lock_and_let_go() language plpgsql as $$
begin
  lock table things in share mode;
  commit;
end $$;

create procedure fill_in_batches() language plpgsql as $$
begin
  for i in 0 .. 9 loop
    update things set kept = kept + 1 where id between i * 100 and i * 100 + 99;
    commit;
  end loop;
end $$;

analyze;
