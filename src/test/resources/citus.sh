#!/bin/sh
# Citus for the tests, inside the server's container and as its user postgres: two workers beside the server, which is the
# coordinator; then, for each database, the same on all three.
set -eu
export HOME=/tmp
workers="5433 5434"
case $1 in
  start)
    sed -i '1i host all all 127.0.0.1/32 trust' "$PGDATA/pg_hba.conf"
    # the second as src/main/maven/connection.properties has it
    printf "citus.node_conninfo = 'sslmode=disable'\ncitus.override_table_visibility = off\n" >> "$PGDATA/postgresql.conf"
    pg_ctl reload
    for port in $workers; do
      initdb -D "/tmp/$port" -U "$POSTGRES_USER" --auth=trust --encoding=UTF8 --locale=C.UTF-8
      pg_ctl -w -D "/tmp/$port" -l "/tmp/$port.log" start -o "-p $port -c fsync=off -c shared_preload_libraries=citus \
        -c citus.node_conninfo=sslmode=disable -c max_connections=500 -c max_worker_processes=1000"
    done
    ;;
  database)
    for port in $workers; do
      createdb -U "$POSTGRES_USER" -p "$port" --maintenance-db=postgres "$2"
      psql -q -U "$POSTGRES_USER" -p "$port" -d "$2" -c 'create extension citus'
    done
    psql -q -v ON_ERROR_STOP=1 -U "$POSTGRES_USER" -d "$2" <<SQL
      create extension citus;
      select citus_set_coordinator_host('localhost');
      select citus_add_node('localhost', port) from regexp_split_to_table('$workers', ' ') list, cast(list as int) port;
SQL
    ;;
esac
