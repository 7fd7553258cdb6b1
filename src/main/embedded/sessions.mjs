// PGlite is one session, and each connection needs one of its own. So when the turn goes to another connection, the session is
// asked what the one before has set and prepared, and is emptied; then the other one gets back what it had. The catalogs are
// asked, so whatever way a client has set something, it is found.
//
// Some things cannot be taken out of a session: temporary tables and cursors WITH HOLD. They stay, where other connections see
// them, and are removed when the connection that made them closes.

import { parameterStatusesOf, prepare, query } from './protocol.mjs';

// PGlite knows no RESET SESSION AUTHORIZATION, since nobody has logged in.
const EMPTY = 'set session authorization postgres; reset role; reset all; deallocate all; unlisten *';
const LAST = ['session_authorization', 'role']; // what the others may need rights for is set before

/** What is in the session, besides its settings that have a dot in their names; those no catalog lists. */
const STATE = `
  'settings', (select json_object_agg(lower(name), setting) from pg_catalog.pg_show_all_settings() where source = 'session'),
  'session_authorization', nullif(current_setting('session_authorization'), ''),
  'role', nullif(current_setting('role'), 'none'),
  'statements', (select json_agg(json_build_object('name', name, 'sql', statement, 'types', array_to_json(parameter_types::oid[]), 'bySql', from_sql))
                 from pg_catalog.pg_prepared_statements),
  'channels', (select json_agg(format('listen %I', channel)) from pg_catalog.pg_listening_channels() as channel),
  'locks', (select json_agg(format('select pg_advisory_lock%s(%s) where not exists (select from pg_locks where (locktype, classid, objid, objsubid) = (''advisory'', %s, %s, %s))',
                                   case mode when 'ShareLock' then '_shared' end,
                                   case objsubid when 1 then (classid::bigint << 32 | objid::bigint)::text
                                                 else concat_ws(',', classid::bigint::bit(32)::integer, objid::bigint::bit(32)::integer) end,
                                   classid, objid, objsubid))
            from pg_catalog.pg_locks where locktype = 'advisory'),
  'kept', (select json_agg(sql) from (
             select format('drop %s if exists pg_temp.%I cascade', case relkind when 'v' then 'view' when 'S' then 'sequence' else 'table' end, relname)
             from pg_catalog.pg_class where relnamespace = pg_my_temp_schema() and relkind in ('r', 'p', 'v', 'S')
             union all select format('close %I', name) from pg_catalog.pg_cursors) as kept (sql))`;

/** What ALTER DATABASE and ALTER ROLE have set, as NAME=VALUE, the weakest first. */
const OF_THE_DATABASE = `
  select unnest(setconfig) as setting from pg_catalog.pg_db_role_setting
  where setdatabase in (0, (select oid from pg_catalog.pg_database where datname = current_database())) and setrole in (0, session_user::regrole)
  order by setrole <> 0, setdatabase <> 0`;

/** The sessions of all connections, of which one at a time is PGlite's. A connection is any object; its session is kept in it. */
export class Sessions {
  #database;
  #current; // the connection whose session is in PGlite
  #open = new Set();
  #dotted = new Set(); // names that may be those of settings

  constructor(database) {
    this.#database = database;
  }

  /**
   * Begins the session of a connection, as a server does: with the settings of its database, then those of the client.
   *
   * @param settings those of the client, by their names in lower case
   * @throws the error of PostgreSQL, if it does not take one
   */
  async begin(connection, settings) {
    await this.leave();
    this.#current = connection;
    const start = {};
    for (const { setting } of (await this.#database.exec(OF_THE_DATABASE))[0].rows) {
      const [name, value] = [setting.replace(/=.*/s, '').toLowerCase(), setting.replace(/^.*?=/s, '')];
      // A server takes no offence at one that is wrong by now.
      await this.#set([[name, value]]).then(() => { start[name] = value; }, () => {});
    }
    Object.assign(start, settings);
    this.#note(Object.keys(start).join(' '));
    Object.assign(connection, { start, locks: [], kept: [] });
    this.#open.add(connection);
    await this.#set(Object.entries(settings));
  }

  /**
   * Puts the session of a connection into PGlite, unless it is there.
   *
   * @param sql what the connection is going to do
   * @param tell called with the messages that tell the client of its settings
   * @throws the error of PostgreSQL, if the session cannot be had again, since its role was dropped, for instance
   */
  async enter(connection, sql, tell) {
    if (/\bset/i.test(sql)) this.#note(sql);
    if (this.#current === connection) return;
    await this.leave();
    this.#current = connection;
    const { start, settings, statements, channels, locks } = connection;
    tell(await this.#set(Object.entries({ ...start, ...settings })));
    for (const statement of statements) await this.#database.execProtocolRaw(prepare(statement));
    for (const again of [...channels, ...locks]) await this.#database.exec(again);
  }

  /** Takes the session of the connection that has it out of PGlite. */
  async leave() {
    if (!this.#current) return;
    if (this.#open.has(this.#current)) Object.assign(this.#current, await this.#read(this.#current));
    this.#current = undefined;
    await this.#database.exec(EMPTY);
  }

  /** Ends the session of a connection that has closed. */
  async end(connection) {
    if (!this.#open.has(connection)) return;
    if (this.#open.size > 1) await this.leave();
    this.#open.delete(connection);
    await this.leave();
    await this.#database.exec('select pg_advisory_unlock_all()'); // the others get theirs back when it is their turn
    for (const sql of connection.kept) await this.#database.exec(sql).catch(() => {}); // somebody has removed it
    if (this.#open.size === 0) await this.#database.exec('discard all');
  }

  #note(text) {
    for (const [name] of text.matchAll(/\b[a-z_]\w*(?:\.[a-z_]\w*)+/gi)) this.#dotted.add(name.toLowerCase());
  }

  async #read(connection) {
    const [{ rows: [{ encoding }] }, , { rows: [{ state }] }] = await this.#database.exec(`
      select current_setting('client_encoding') as encoding;
      set client_encoding = 'UTF8';
      select json_build_object(${STATE}, 'dotted', (
        select json_object_agg(name, current_setting(name, true)) from unnest(string_to_array('${[...this.#dotted]}', ',')) as name
        where current_setting(name, true) <> '')) as state`);
    const { session_authorization, role, statements, channels } = state;
    const settings = { ...state.settings, ...state.dotted, client_encoding: encoding };
    if (session_authorization) Object.assign(settings, { session_authorization });
    if (role) Object.assign(settings, { role });
    const others = [...this.#open].filter((other) => other !== connection);
    const own = (kind) => (state[kind] ?? []).filter((sql) => !others.some((other) => other[kind].includes(sql)));
    return { settings, statements: statements ?? [], channels: channels ?? [], locks: own('locks'), kept: own('kept') };
  }

  /** Sets these, and returns the messages that tell the client of it. */
  async #set(settings) {
    const ordered = [...settings].sort(([one], [other]) => LAST.indexOf(one) - LAST.indexOf(other));
    const sql = ordered.map(([name, value]) => `select pg_catalog.set_config(${literal(name)}, ${literal(value)}, false)`).join(';');
    return parameterStatusesOf((await this.#database.execProtocol(query(sql))).data);
  }
}

const literal = (text) => `E'${text.replace(/[\\']/g, '$&$&')}'`;
