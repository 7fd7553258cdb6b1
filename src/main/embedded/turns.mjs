// PGlite is one session that serves all connections. So the connections take turns. A turn lasts until the server is ready for
// the next query outside a transaction. So neither the transaction nor the unnamed statement of another connection gets in
// between.
//
// In one session, an advisory lock would exclude nobody. So while a connection holds one, as a migration does, the transactions
// and the locks of the other connections wait here, until it unlocks or closes. The connection of a killed client closes too.
// Nobody waits for the lock inside a transaction, at which its holder would wait in turn: while a transaction asks for the lock,
// no other transaction is open, and afterwards none begins.

const ASKS = /\bpg_(?:try_)?advisory_lock\b/i;
const GIVES_BACK = /\bpg_advisory_unlock/i;
const BEGINS = /^\s*(?:begin|start\s+transaction)\b/i;

// PGlite crashes on COPY FROM STDIN. In its place runs a statement that raises an error, which the client then gets.
const COPIES_IN = /^\s*copy\b[^;]*\bfrom\s+stdin\b/i;
const REFUSES_COPY = query(`do $$ begin raise feature_not_supported using message = 'the embedded PostgreSQL takes no COPY FROM STDIN',
  hint = 'Use INSERT (pg_dump --inserts), or a server: docker compose up -d --wait'; end $$`);

const SYNC = new Uint8Array([0x53, 0, 0, 0, 4]);

/** The order of the messages of all connections; the queue that PGLiteSocketHandler asks for. */
export class Turns {
  #database;
  #broken;
  #waiting = []; // in the order of their arrival
  #running = false;
  #turn; // the connection whose turn it is, by its handler's id
  #holder; // the connection that holds an advisory lock

  /**
   * @param database the PGlite
   * @param broken called with the error after which the database cannot go on
   */
  constructor(database, broken) {
    this.#database = database;
    this.#broken = broken;
  }

  /** Runs a message of the protocol when it is its connection's turn. Returns the number of bytes that came back. */
  enqueue(connection, message, onData) {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ connection, message, text: textOf(message), onData, resolve, reject });
      this.#run();
    });
  }

  /** Forgets the waiting messages of a connection that has closed. */
  clearQueueForHandler(connection) {
    this.#waiting = this.#waiting.filter((query) => query.connection !== connection);
  }

  /** Ends the turn, the transaction and the lock of a connection that has closed. */
  async clearTransactionIfNeeded(connection) {
    if (this.#turn === connection) {
      await this.#database.execProtocolRaw(SYNC);
      if (this.#database.isInTransaction()) await this.#database.exec('rollback');
      this.#turn = undefined;
    }
    if (this.#holder === connection) {
      await this.#database.exec('select pg_advisory_unlock_all()');
      this.#holder = undefined;
    }
    this.#run();
  }

  async #run() {
    if (this.#running) return;
    this.#running = true;
    for (let query; (query = this.#next());) {
      this.#turn = query.connection;
      try {
        query.resolve(await this.#execute(query));
      } catch (error) {
        this.#broken(error);
        return;
      }
      if (ASKS.test(query.text)) this.#holder = query.connection;
      else if (GIVES_BACK.test(query.text) && this.#holder === query.connection) this.#holder = undefined;
    }
    this.#running = false;
  }

  #next() {
    const index = this.#waiting.findIndex((query) => this.#mayRun(query));
    return index < 0 ? undefined : this.#waiting.splice(index, 1)[0];
  }

  #mayRun({ connection, text }) {
    if (this.#turn !== undefined) return connection === this.#turn;
    if (this.#holder === undefined || this.#holder === connection) return true;
    return !BEGINS.test(text) && !ASKS.test(text);
  }

  async #execute({ message: asked, text, onData }) {
    const message = COPIES_IN.test(text) ? REFUSES_COPY : asked;
    let bytes = 0;
    let end = Buffer.alloc(0);
    const onRawData = (data) => {
      bytes += data.length;
      end = Buffer.concat([end, data]).subarray(-6);
      onData(data);
      const panic = panicOf(data);
      if (panic) this.#broken(new Error(panic)); // now, since PGlite loops for ever after it
    };
    await this.#database.runExclusive(() => this.#database.execProtocolRawStream(message, { onRawData }));
    if (end.toString('latin1') === 'Z\0\0\0\x05I') this.#turn = undefined; // ReadyForQuery, idle
    return bytes;
  }
}

/** The SQL of a Query or a Parse message, else ''. */
function textOf(message) {
  const bytes = Buffer.from(message.buffer, message.byteOffset, message.byteLength);
  if (bytes[0] === 0x51) return bytes.toString('utf8', 5, bytes.length - 1);
  if (bytes[0] === 0x50) {
    const start = bytes.indexOf(0, 5) + 1; // after the statement's name
    return bytes.toString('utf8', start, bytes.indexOf(0, start));
  }
  return '';
}

/** The message of an ErrorResponse whose severity is PANIC. */
function panicOf(data) {
  if (data[0] !== 0x45) return undefined;
  const fields = Buffer.from(data).toString('utf8', 5).split('\0');
  return fields.includes('VPANIC') ? fields.find((field) => field.startsWith('M')).slice(1) : undefined;
}

/** A Query message. */
function query(sql) {
  const message = Buffer.alloc(6 + Buffer.byteLength(sql));
  message[0] = 0x51;
  message.writeInt32BE(message.length - 1, 1);
  message.write(sql, 5);
  return new Uint8Array(message);
}
