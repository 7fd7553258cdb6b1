// A folder has one holder: the process that listens on a local socket (on Windows a named pipe) that is named for the folder.
// However that process ends, the system removes the name. So nothing is left behind: no file of a process that is gone, and no
// process id that another program may have got. The name also stays when somebody removes the folder.
import { createHash } from 'node:crypto';
import { realpathSync, rmSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { basename, dirname, join, resolve } from 'node:path';
import { Refused } from './refused.mjs';

const ANSWER_LIMIT_MS = 30_000;

/**
 * Makes this process the holder of a folder until it ends.
 *
 * @param folder the folder, which need not exist
 * @param answer called with each question that another process asks, and the socket to answer on
 * @returns the listening server, or undefined if another process holds the folder
 */
export async function hold(folder, answer) {
  const name = socketName(folder);
  const server = createServer((socket) => {
    socket.on('error', () => {}); // whoever asked has gone
    socket.once('data', (question) => answer(String(question), socket));
  });
  try {
    await listen(server, name);
  } catch (error) {
    if (error.code !== 'EADDRINUSE') throw error;
    if (!isFile(name) || await ask(folder, 'status')) return undefined;
    rmSync(name, { force: true }); // the socket of a process that was killed
    await listen(server, name);
  }
  return server;
}

/**
 * Asks the holder of a folder, and waits until it has hung up.
 *
 * @returns what it answered, parsed from JSON; undefined if nobody holds the folder
 * @throws Refused if somebody does and does not hang up
 */
export function ask(folder, question) {
  return new Promise((done, fail) => {
    const socket = connect(socketName(folder));
    const limit = setTimeout(() => {
      socket.destroy();
      fail(new Refused(`the process that uses ${folder} does not answer; end it, then try again`));
    }, ANSWER_LIMIT_MS);
    let answer = '';
    socket.on('connect', () => socket.write(question));
    socket.on('data', (part) => { answer += part; });
    socket.on('error', () => {}); // nobody listens, or the holder ended; 'close' follows
    socket.on('close', () => {
      clearTimeout(limit);
      done(answer ? JSON.parse(answer) : undefined);
    });
  });
}

function listen(server, name) {
  return new Promise((done, fail) => {
    server.once('error', fail);
    server.listen(name, done);
  });
}

function socketName(folder) {
  const name = `mycelium-${createHash('sha256').update(canonical(resolve(folder))).digest('hex').slice(0, 32)}`;
  if (process.platform === 'win32') return `\\\\.\\pipe\\${name}`;
  if (process.platform === 'linux') return `\0${name}`; // in Linux's abstract namespace, so it is no file
  return join(tmpdir(), name);
}

const isFile = (name) => process.platform !== 'win32' && !name.startsWith('\0');

/** The path without symbolic links. Its last parts need not exist. */
function canonical(path) {
  try {
    return realpathSync(path);
  } catch (error) {
    if (error.code !== 'ENOENT' || path === dirname(path)) throw error;
    return join(canonical(dirname(path)), basename(path));
  }
}
