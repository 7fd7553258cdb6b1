// The embedded PostgreSQL: PGlite, which is PostgreSQL with pgvector as WebAssembly, on Linux, macOS and Windows.
//
//   node postgres.mjs start HOME PORT   starts it unless it runs already; it runs on after this process has ended
//   node postgres.mjs stop HOME         stops it; its data stay
//   node postgres.mjs status HOME       prints in a line where it runs and how to stop it
//   node postgres.mjs serve HOME PORT   is the server itself, until its standard input ends; PORT 0 means a free port
//
// HOME is a folder. data/, server.log and port, which is that of the last start, are in it.
import { spawn } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { ask } from './holder.mjs';
import { install } from './packages.mjs';
import { Refused, refusedPath, shown } from './refused.mjs';
import { serve } from './server.mjs';

const START_LIMIT_MS = 120_000; // the first start makes the cluster: 3 to 13 s were seen
const program = fileURLToPath(import.meta.url);

async function start(home, port) {
  await prepare(home);
  const limit = Date.now() + START_LIMIT_MS;
  let child;
  let refusal;
  for (; Date.now() < limit; await pause(50)) {
    const server = await running(home);
    if (server && server.port !== port) {
      throw new Refused(`the embedded PostgreSQL of ${shown(home)} already runs on port ${server.port}; `
        + `use that port (-Dlocal.port=${server.port}) or stop it first: ${stopCommand(home)}`);
    }
    if (server?.ready) {
      if (child?.connected) child.disconnect();
      child?.unref();
      return;
    }
    if (server || child?.connected) continue;
    if (refusal) throw new Refused(refusal);
    // No server yet; or the one that was started found another process with the folder, and that process has ended since.
    child = spawn(process.execPath, [program, 'serve', home, port],
      { detached: true, windowsHide: true, stdio: ['ignore', 'ignore', 'ignore', 'ipc'] });
    child.on('message', (message) => { refusal = message; });
  }
  throw new Refused(`the embedded PostgreSQL did not start within ${START_LIMIT_MS / 1000} s; its log is ${join(shown(home), 'server.log')}. `
    + `Stop it, then try again: ${stopCommand(home)}`);
}

/** The server that holds the folder. If its data were removed, it is stopped first. */
async function running(home) {
  const server = await ask(home, 'status');
  if (!server?.lost) return server;
  await ask(home, 'stop');
  console.log(`Stopped the embedded PostgreSQL on port ${server.port}, whose data in ${shown(home)} were removed while it ran`);
  return undefined;
}

async function stop(home) {
  const server = await ask(home, 'stop');
  if (!server) console.log('The embedded PostgreSQL does not run');
  else if (server.lost) console.log(`Stopped the embedded PostgreSQL on port ${server.port}, whose data in ${shown(home)} were removed while it ran`);
  else console.log(`The embedded PostgreSQL on port ${server.port} has stopped; its data stay in ${shown(home)}`);
}

async function status(home) {
  const server = await running(home);
  if (server) console.log(`The embedded PostgreSQL runs on, on port ${server.port}; stop it: ${stopCommand(home)}`);
  else console.log('The embedded PostgreSQL does not run');
}

async function serveHere(home, port) {
  if (process.send) { // `start` started this process, gets the refusal, and may end before it
    if (!await serve(home, port, () => {}, refuse)) process.exit();
    return;
  }
  await prepare(home);
  let end;
  for (let waiting = false; !end; waiting = true) {
    end = await serve(home, port, (own) => console.log(`ready ${own}`), refuse);
    if (!end && !waiting) console.log(`Waiting for another run, which uses the embedded PostgreSQL of ${shown(home)}`);
    if (!end) await pause(200);
  }
  process.stdin.on('close', end).resume();
}

async function prepare(home) {
  mkdirSync(home, { recursive: true });
  await install();
}

function portOf(text, least = 0) {
  const port = /^\d{1,5}$/.test(text) ? Number(text) : NaN;
  if (port >= least && port <= 65535) return port;
  throw new Refused(`${text} is no port; give a number from 1 to 65535: -Dlocal.port=15432`);
}

function stopCommand(home) {
  return shown(home) === join('.local', 'postgres') ? 'mvn -Plocal exec:exec@stop' : `node ${shown(program)} stop ${shown(home)}`;
}

function refuse(error) {
  const refusal = error instanceof Refused ? error : refusedPath(error.code, error.path);
  if (process.connected) process.send(refusal?.message ?? error.stack, () => process.exit(1));
  else process.stderr.write(`${refusal ? `ERROR: ${refusal.message}` : error.stack}\n`, () => process.exit(1));
}

const [command, home, port] = process.argv.slice(2);
try {
  if (command === 'start' && port) await start(resolve(home), portOf(port, 1));
  else if (command === 'serve' && port) await serveHere(resolve(home), portOf(port));
  else if (command === 'stop' && home) await stop(resolve(home));
  else if (command === 'status' && home) await status(resolve(home));
  else throw new Refused('usage: node postgres.mjs start HOME PORT | stop HOME | status HOME | serve HOME PORT');
} catch (error) {
  refuse(error);
}
