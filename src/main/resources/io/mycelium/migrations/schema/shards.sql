select (parse_ident(name))[array_length(parse_ident(name), 1)]
  from pg_dist_shard, shard_name(logicalrelid, shardid) name
