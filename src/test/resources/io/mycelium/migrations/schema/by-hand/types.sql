create type mood as enum ('fine, really', 'tired', 'it''s so-so');
create domain positive as integer default 1 check (value > 0);
create sequence numbers start 7 increment 3;
create type pair as (a integer, b text);
create aggregate total(integer) (sfunc = int4pl, stype = integer, initcond = '0');

alter table workflow_states
  add column mood mood default 'tired',
  add column size positive,
  add column pair pair;
comment on column workflow_states.mood is 'How.';
comment on column workflow_states.size is 'Size.';
comment on column workflow_states.pair is 'Two.';
