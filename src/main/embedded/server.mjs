// A server: a process that holds its folder, answers who it is, and stops when another process asks it to.
import { openSync, statSync, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { hold } from './holder.mjs';
import { Refused, refusedPath, shown } from './refused.mjs';

const HOST = '127.0.0.1';
const STOP_LIMIT_MS = 10_000;
const END_LIMIT_MS = 1_000;

/**
 * Serves a folder for as long as this process lives.
 *
 * @param home the folder; data/, server.log and port are made in it
 * @param port the port, or 0 for a free one
 * @param ready called with the port, once the database answers
 * @param failed called with the reason, if the database does not start or fails later
 * @returns a function that stops the server; undefined if another process holds the folder
 */
export async function serve(home, port, ready, failed) {
  const data = join(home, 'data');
  const server = { pid: process.pid, port, ready: false };
  let opened; // the inode of the data folder; it tells whether somebody has removed the folder since
  let worker;

  function stop() {
    if (!worker) process.exit();
    worker.postMessage('stop');
    setTimeout(() => process.exit(), STOP_LIMIT_MS); // if a long statement runs; that is undone
  }

  const held = await hold(home, (question, socket) => {
    const answer = JSON.stringify({ ...server, lost: server.ready && numberOf(data) !== opened });
    if (question !== 'stop') return socket.end(answer);
    socket.write(answer); // the socket closes when this process ends
    stop();
  });
  if (!held) return undefined;

  const log = openSync(join(home, 'server.log'), 'w');
  const note = (text) => {
    try {
      writeSync(log, text);
    } catch { /* the disk is full */ }
  };
  let reason; // PostgreSQL's own reason for a failure
  let failure;
  worker = new Worker(new URL('./database.mjs', import.meta.url), { workerData: { data, host: HOST, port }, stdout: true, stderr: true });
  for (const output of [worker.stdout, worker.stderr]) {
    output.on('data', (text) => {
      reason = /(?:PANIC|FATAL): +(.*)/.exec(text)?.[1] ?? reason;
      note(text);
    });
  }
  worker.on('message', (message) => {
    if (message.failure) {
      failure = message.failure;
      reason ??= failure.message;
      setTimeout(() => worker.terminate(), END_LIMIT_MS);
      return;
    }
    opened = numberOf(data);
    writeFileSync(join(home, 'port'), String(message.port)); // for the next start
    Object.assign(server, { port: message.port, ready: true });
    ready(server.port);
  });
  worker.on('error', (error) => { failure = error; });
  worker.on('exit', () => {
    if (!failure) process.exit();
    const refusal = explained(failure, server, home, reason);
    note(`${failure.name}: ${failure.message}\n${refusal.message}\n`);
    failed(refusal);
  });
  return stop;
}

function numberOf(folder) {
  return statSync(folder, { throwIfNoEntry: false })?.ino;
}

/** The errors of WASI (the system interface of WebAssembly) when the database could not write, by their number. */
const ERRNO = { 2: 'EACCES', 51: 'ENOSPC', 63: 'EPERM', 69: 'EROFS' };
const SAYINGS = { 'Permission denied': 'EACCES', 'No space left on device': 'ENOSPC', 'Read-only file system': 'EROFS' };

/**
 * The failure and its remedy, in words for a person.
 *
 * @param reason PostgreSQL's own reason, if it gave one
 */
function explained({ name, message, code, errno, listening }, { port, ready }, home, reason) {
  if (listening) {
    const why = code === 'EADDRINUSE' ? 'is taken by another program' : `cannot be had (${code})`;
    return new Refused(`port ${port} of ${HOST} ${why}; choose another: -Dlocal.port=${port === 25432 ? 25433 : 25432}`);
  }
  const said = Object.keys(SAYINGS).find((saying) => reason?.includes(saying));
  const path = refusedPath(ERRNO[errno] ?? SAYINGS[said] ?? code, home);
  if (path) return path;
  const log = shown(join(home, 'server.log'));
  if (!ready && (name === 'RuntimeError' || /failed to initialize/.test(message))) {
    return new Refused(`the database in ${shown(join(home, 'data'))} cannot be opened${reason ? ` (${reason})` : ''}: it is damaged, or of another version; `
      + `its log is ${log}. Remove it, with all that it holds, then run it again: rm -rf ${shown(home)}`);
  }
  return new Refused(`the embedded PostgreSQL failed (${message}); its log is ${log}`);
}
