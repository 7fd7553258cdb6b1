// The database of a server. It runs in a worker thread, so that the main thread goes on answering while a long statement runs. It
// speaks PostgreSQL's wire protocol on a port of this machine.
import { cpSync, existsSync, renameSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { parentPort, workerData } from 'node:worker_threads';
import { empty, load } from './packages.mjs';
import { Turns } from './turns.mjs';

const { data, host, port } = workerData;
const { PGlite } = load('@electric-sql/pglite');
const { PGLiteSocketHandler } = load('@electric-sql/pglite-socket');
const { vector } = load('@electric-sql/pglite-pgvector');
const { uuid_ossp } = load('@electric-sql/pglite/contrib/uuid_ossp');

// PGlite's own search_path is `public` alone.
const startParams = PGlite.defaultStartParams.map((parameter) => (parameter === 'search_path=public' ? 'search_path="$user", public' : parameter));
const open = (folder, debug) => PGlite.create(folder, { debug, startParams, extensions: { vector, uuid_ossp } });

/**
 * Makes a new database, first under another name, so that a start that is killed leaves none that is half made. The first one is
 * kept beside the packages: the next is a copy of it, which is ready in a fifth of the time.
 */
async function make() {
  const making = `${data}.new`;
  rmSync(making, { recursive: true, force: true });
  if (existsSync(empty)) {
    cpSync(empty, making, { recursive: true });
  } else {
    await (await open(making)).close();
    keep(making);
  }
  renameSync(making, data);
}

function keep(made) {
  const copy = `${empty}-${process.pid}`;
  try {
    cpSync(made, copy, { recursive: true });
    renameSync(copy, empty);
  } catch { // another process was first, or the disk is full
    rmSync(copy, { recursive: true, force: true });
  }
}

/** Opens the database. If that fails, it tries again in debug mode, in which PGlite logs PostgreSQL's reason. */
async function openOrSayWhy() {
  try {
    return await open(data);
  } catch (error) {
    if (error.errno === undefined) await open(data, 1).catch(() => {});
    throw error;
  }
}

function listen(server) {
  return new Promise((done, fail) => {
    server.once('error', (error) => fail(Object.assign(error, { listening: true })));
    server.listen({ host, port }, done);
  });
}

function fail({ name, message, code, errno, listening }) {
  parentPort.postMessage({ failure: { name, message: message ?? name, code, errno, listening } });
  setImmediate(() => process.exit()); // after everything was printed
}

let database;
try {
  let ready;
  const turns = new Promise((done) => { ready = done; });
  const server = createServer(async (socket) => {
    socket.on('error', () => {}); // the client has gone
    const queryQueue = (await turns).queue(() => socket.destroySoon());
    new PGLiteSocketHandler({ queryQueue, closeOnDetach: true }).attach(socket);
  });
  await listen(server);
  if (!existsSync(data)) await make();
  database = await openOrSayWhy();
  ready(new Turns(database, fail));
  parentPort.postMessage({ port: server.address().port });
} catch (error) {
  fail(error);
}

parentPort.on('message', async () => { // to stop
  await database?.close().catch(() => {}); // it fails if the folder was removed, for instance
  process.exit();
});
