select 'place of table ' || name,
       'all its rows are on this server, and not distributed',
       format('CALL %I.distribute_by_workflow()', current_schema()),
       'table ' || name, false
  from unnest(array['workflow_states', 'task_states', 'workflow_state_history', 'coordination_events']) name
  where to_regprocedure(format('%I.distribute_by_workflow()', current_schema())) is not null
    and not exists (
      select from pg_dist_partition
        where logicalrelid = to_regclass(format('%I.%I', current_schema(), name)) and partmethod = 'h')
