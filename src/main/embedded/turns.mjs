// PGlite is one session that serves all connections. So the connections take turns. A turn lasts until the server is ready for
// the next query outside a transaction. So neither the transaction nor the unnamed statement of another connection gets in
// between. Whatever else a session keeps goes and comes with its connection (sessions.mjs).
//
// In one session, an advisory lock would exclude nobody. So while a connection holds one, as a migration does, the transactions
// and the locks of the other connections wait here, until it unlocks or closes. The connection of a killed client closes too.
// Nobody waits for the lock inside a transaction, at which its holder would wait in turn: while a transaction asks for the lock,
// no other transaction is open, and afterwards none begins.
import { fatal, isStartup, isTerminate, panicOf, query, settingsOf, sync, textOf } from './protocol.mjs';
import { Sessions } from './sessions.mjs';

const ASKS = /\bpg_(?:try_)?advisory_lock(?:_shared)?\b/i;
const GIVES_BACK = /\bpg_advisory_unlock/i;
const BEGINS = /^\s*(?:begin|start\s+transaction)\b/i;
const RESETS = /\b(?:reset|discard|default)\b/i;

// PGlite crashes on COPY FROM STDIN. In its place runs a statement that raises an error, which the client then gets.
const COPIES_IN = /^\s*copy\b[^;]*\bfrom\s+stdin\b/i;
const REFUSES_COPY = query(`do $$ begin raise feature_not_supported using message = 'the embedded PostgreSQL takes no COPY FROM STDIN',
  hint = 'Use INSERT (pg_dump --inserts), or a server: docker compose up -d --wait'; end $$`);

/** The order of the messages of all connections. */
export class Turns {
  #database;
  #sessions;
  #broken;
  #waiting = []; // in the order of their arrival
  #running = false;
  #turn; // the connection whose turn it is
  #holder; // the connection that holds an advisory lock

  /**
   * @param database the PGlite
   * @param broken called with the error after which the database cannot go on
   */
  constructor(database, broken) {
    this.#database = database;
    this.#sessions = new Sessions(database);
    this.#broken = broken;
  }

  /**
   * The queue that a PGLiteSocketHandler asks for.
   *
   * @param hangUp closes the connection, after what was sent
   */
  queue(hangUp) {
    const connection = { hangUp };
    return {
      /** Runs a message of the protocol when it is its connection's turn. */
      enqueue: (_, message, onData) => this.#enqueue({ connection, message, text: textOf(message), onData }),
      /** Forgets the waiting messages of a connection that has closed. */
      clearQueueForHandler: () => { this.#waiting = this.#waiting.filter((waiting) => waiting.connection !== connection); },
      /** Ends the turn, the transaction, the lock and the session of a connection that has closed. */
      clearTransactionIfNeeded: () => this.#enqueue({ connection, closed: true }),
    };
  }

  #enqueue(waiting) {
    return new Promise((resolve) => {
      this.#waiting.push({ ...waiting, resolve });
      this.#run();
    });
  }

  async #run() {
    if (this.#running) return;
    this.#running = true;
    for (let next; (next = this.#next());) {
      try {
        await this.#serve(next);
      } catch (error) {
        this.#broken(error);
        return;
      }
      next.resolve();
    }
    this.#running = false;
  }

  #next() {
    const index = this.#waiting.findIndex((waiting, place) => this.#mayRun(waiting, place));
    return index < 0 ? undefined : this.#waiting.splice(index, 1)[0];
  }

  #mayRun({ connection, message, text }, place) {
    if (message && isTerminate(message)) return !this.#waiting.slice(0, place).some((earlier) => earlier.connection === connection);
    if (this.#turn !== undefined) return connection === this.#turn;
    if (this.#holder === undefined || this.#holder === connection) return true;
    return !BEGINS.test(text) && !ASKS.test(text);
  }

  async #serve({ connection, message, text, onData, closed }) {
    if (closed) return this.#close(connection);
    if (isTerminate(message)) {
      if (this.#turn === undefined || this.#turn === connection) await this.#close(connection);
      return connection.hangUp();
    }
    if (!await this.#enter(connection, message, text, onData)) return undefined;
    this.#turn = connection;
    await this.#execute(message, text, onData);
    if (ASKS.test(text)) this.#holder = connection;
    else if (GIVES_BACK.test(text) && this.#holder === connection) this.#holder = undefined;
    connection.resets ||= RESETS.test(text);
    if (this.#turn === undefined && connection.resets) {
      await this.#sessions.leave(); // so that it comes back with the settings of its start
      connection.resets = false;
    }
    return undefined;
  }

  /** Puts the connection's session into PGlite. Returns whether that went well; if not, the connection ends. */
  async #enter(connection, message, text, onData) {
    try {
      if (isStartup(message)) await this.#sessions.begin(connection, settingsOf(message));
      else await this.#sessions.enter(connection, text, onData);
      return true;
    } catch (error) {
      if (!error.code) throw error;
      onData(fatal(error));
      connection.hangUp();
      return false;
    }
  }

  async #execute(asked, text, onData) {
    const message = COPIES_IN.test(text) ? REFUSES_COPY : asked;
    let end = Buffer.alloc(0);
    const onRawData = (data) => {
      end = Buffer.concat([end, data]).subarray(-6);
      onData(data);
      const panic = panicOf(data);
      if (panic) this.#broken(new Error(panic)); // now, since PGlite loops for ever after it
    };
    await this.#database.runExclusive(() => this.#database.execProtocolRawStream(message, { onRawData }));
    if (end.toString('latin1') === 'Z\0\0\0\x05I') this.#turn = undefined; // ReadyForQuery, idle
  }

  async #close(connection) {
    if (this.#turn === connection) {
      await this.#database.execProtocolRaw(sync());
      if (this.#database.isInTransaction()) await this.#database.exec('rollback');
      this.#turn = undefined;
    }
    if (this.#holder === connection) this.#holder = undefined;
    await this.#sessions.end(connection);
  }
}
