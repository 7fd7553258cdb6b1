create table "My Table" ("Id" integer generated always as identity primary key, "it's" text not null default 'a;b', "order" integer);
create index "My Index" on "My Table" ("it's") where "it's" <> '$$;';
create type "My Mood" as enum ('fine', 'so $x$ so', 'a;b');
create function "My Function"("An Argument" "My Mood") returns "My Mood" language sql as $$ select "An Argument" $$;
alter table task_states add "Odd Name" "My Mood" default 'a;b', add "order" text, add "ERROR" integer;
comment on column task_states."ERROR" is 'beside error';
create index "My I" on task_states ("order") where "order" = 'a;b' or "order" = '$$';
create index "order" on task_states ("Odd Name");
comment on index "order" is 'an index; with $$';
alter table task_states add constraint "My Key" unique ("ERROR") deferrable initially deferred;
alter table task_states add constraint "My Check" check ("order" <> 'a;b
  in two lines');
create view "My View" as select "Odd Name" as "Another", 'SET search_path TO ''x''' as "order" from task_states;
alter table task_states alter retry_count set default 7;
